import asyncio, sys, time

n = int(sys.argv[1])


async def main():
    loop, times, due = asyncio.get_running_loop(), [], time.monotonic()
    while len(times) <= n:
        due += 0.001
        await asyncio.sleep(due - time.monotonic())
        times.append(time.monotonic())
    off = sorted(abs(b - a - 0.001) * 1e6 for a, b in zip(times, times[1:]))
    print(off[n // 2], off[n * 99 // 100], off[-1])


asyncio.run(main())
