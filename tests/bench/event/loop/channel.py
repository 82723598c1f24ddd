import asyncio, sys

n = int(sys.argv[1])


async def produce(q):
    for i in range(n):
        await q.put(i)
    await q.put(None)


async def consume(q):
    total = 0
    while (x := await q.get()) is not None:
        total += x
    return total


async def main():
    q = asyncio.Queue(1000)
    task = asyncio.create_task(produce(q))
    print(await consume(q))


asyncio.run(main())
