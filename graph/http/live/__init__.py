"""Connections that stay open: GraphQL over WebSocket (`graphql-transport-ws`) and over server-sent events.

    socket.py        one WebSocket and the protocol on it       messages.py   what is said there
    event_stream.py  one stream of server-sent events           connections.py  all of them, to the server's end
    operation_events.py  one GraphQL operation on such a stream watching.py  what `GET /watch` tells, on one or at once
    waiting.py       an answer that takes its time
    subscriptions.py one subscription from its start to its end
    channel.py       those who asked the same share one stream, and each message is run and encoded once for all
    outlet.py        the way out to one client, bounded in bytes and in time

It stands on `graph.http.engine` as `http/graphql.py` does, and knows the schema only by its engine.
"""
