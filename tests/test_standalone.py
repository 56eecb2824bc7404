from pathlib import Path

from pydantic import SecretStr
from pymongo import AsyncMongoClient

from graph.settings import Settings
from graph.standalone import registry_database


async def test_a_configured_database_is_used_and_none_is_started(tmp_path: Path) -> None:
    url = "mongodb://elsewhere.example/"
    async with registry_database(Settings(mongodb_url=SecretStr(url), data_dir=tmp_path / "data")) as uri:
        assert uri == url
    assert not (tmp_path / "data").exists()


async def test_without_one_a_private_one_is_started(tmp_path: Path) -> None:
    async with registry_database(Settings(mongodb_url=None, data_dir=tmp_path / "data")) as uri:
        async with AsyncMongoClient[dict[str, object]](uri) as client:
            hello = await client.admin.command("hello")
        assert hello["isWritablePrimary"]
        assert (tmp_path / "data" / "mongod").is_dir()
