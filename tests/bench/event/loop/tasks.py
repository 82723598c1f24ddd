import asyncio, sys

n = int(sys.argv[1])


async def nap(i):
    await asyncio.sleep(1)
    return i


async def main():
    tasks = [asyncio.create_task(nap(i)) for i in range(n)]
    print(len(await asyncio.gather(*tasks)))


asyncio.run(main())
