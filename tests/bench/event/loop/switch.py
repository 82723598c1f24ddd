import asyncio, sys

n = int(sys.argv[1]) // 2


async def turns(n):
    for i in range(n):
        await asyncio.sleep(0)
    return n


async def main():
    a, b = asyncio.create_task(turns(n)), asyncio.create_task(turns(n))
    print(await a + await b)


asyncio.run(main())
