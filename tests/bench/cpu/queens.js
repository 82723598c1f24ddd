function place(row, n, columns, up, down) {
  if (row === n) return 1;
  let found = 0;
  for (let c = 0; c < n; c++) {
    if (!columns[c] && !up[row + c] && !down[row - c + n]) {
      columns[c] = true;
      up[row + c] = true;
      down[row - c + n] = true;
      found += place(row + 1, n, columns, up, down);
      columns[c] = false;
      up[row + c] = false;
      down[row - c + n] = false;
    }
  }
  return found;
}

function main() {
  const n = 11;
  const falses = (k) => new Array(k).fill(false);
  console.log(place(0, n, falses(n), falses(2 * n), falses(2 * n + 1)));
}

main();
