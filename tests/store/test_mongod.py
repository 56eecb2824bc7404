from pymongo import AsyncMongoClient


async def test_the_database_of_a_test_has_transactions(mongodb_url: str, database_name: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongodb_url) as client:
        async with client.start_session() as session, await session.start_transaction():
            await client[database_name].things.insert_one({"x": 1}, session=session)
        assert await client[database_name].things.count_documents({}) == 1
