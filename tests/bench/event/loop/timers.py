import asyncio, sys

n, fired, x = int(sys.argv[1]), 0, 12345


def fire():
    global fired
    fired += 1
    if fired == n:
        done.set_result(None)


async def main():
    global x, done
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    for i in range(n):
        x = (x * 1103515245 + 12345) % 2147483648
        loop.call_later(x / 2147483648, fire)
    await done
    print(fired)


asyncio.run(main())
