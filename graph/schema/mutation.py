"""The mutation root: every mutation of `mutations/`, in the order in which a prompt lives, then the house's own."""

import strawberry

from graph.schema.mutations import (
    api_key_create,
    api_key_revoke,
    api_key_rotate,
    label_protect,
    label_unprotect,
    prompt_archive,
    prompt_create,
    prompt_delete,
    prompt_feedback,
    prompt_fork,
    prompt_label_remove,
    prompt_label_set,
    prompt_rate,
    prompt_render,
    prompt_run,
    prompt_unarchive,
    prompt_unrate,
    prompt_update,
    prompt_version_create,
    webhook_create,
    webhook_delete,
    webhook_replay,
    webhook_test,
    webhook_update,
)


@strawberry.type
class Mutation:
    """Everything that can be changed. A payload's `errors` tell what the caller can put right."""

    prompt_create = prompt_create.prompt_create
    prompt_update = prompt_update.prompt_update
    prompt_archive = prompt_archive.prompt_archive
    prompt_unarchive = prompt_unarchive.prompt_unarchive
    prompt_fork = prompt_fork.prompt_fork
    prompt_delete = prompt_delete.prompt_delete
    prompt_version_create = prompt_version_create.prompt_version_create
    prompt_label_set = prompt_label_set.prompt_label_set
    prompt_label_remove = prompt_label_remove.prompt_label_remove
    prompt_rate = prompt_rate.prompt_rate
    prompt_unrate = prompt_unrate.prompt_unrate
    prompt_render = prompt_render.prompt_render
    prompt_run = prompt_run.prompt_run
    prompt_feedback = prompt_feedback.prompt_feedback
    label_protect = label_protect.label_protect
    label_unprotect = label_unprotect.label_unprotect
    api_key_create = api_key_create.api_key_create
    api_key_rotate = api_key_rotate.api_key_rotate
    api_key_revoke = api_key_revoke.api_key_revoke
    webhook_create = webhook_create.webhook_create
    webhook_update = webhook_update.webhook_update
    webhook_test = webhook_test.webhook_test
    webhook_replay = webhook_replay.webhook_replay
    webhook_delete = webhook_delete.webhook_delete
