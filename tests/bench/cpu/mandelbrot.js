function main() {
  const size = 400;
  let inside = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const cr = 2.0 * x / size - 1.5;
      const ci = 2.0 * y / size - 1.0;
      let zr = 0.0, zi = 0.0, turn = 0;
      while (turn < 100 && zr * zr + zi * zi < 4.0) {
        const next = zr * zr - zi * zi + cr;
        zi = 2.0 * zr * zi + ci;
        zr = next;
        turn += 1;
      }
      if (turn === 100) inside += 1;
    }
  }
  console.log(inside);
}

main();
