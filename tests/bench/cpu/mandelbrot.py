def main():
    size = 400
    inside = 0
    for y in range(size):
        for x in range(size):
            cr = 2.0 * x / size - 1.5
            ci = 2.0 * y / size - 1.0
            zr = 0.0
            zi = 0.0
            turn = 0
            while turn < 100 and zr * zr + zi * zi < 4.0:
                following = zr * zr - zi * zi + cr
                zi = 2.0 * zr * zi + ci
                zr = following
                turn += 1
            if turn == 100:
                inside += 1
    print(inside)


main()
