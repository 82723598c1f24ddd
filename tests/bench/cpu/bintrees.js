function make(depth) {
  return depth === 0 ? [] : [make(depth - 1), make(depth - 1)];
}

function count(tree) {
  return tree.length === 0 ? 1 : 1 + count(tree[0]) + count(tree[1]);
}

function main() {
  const depth = 15;
  let total = count(make(depth + 1));
  const kept = make(depth);
  for (let d = 4; d <= depth; d += 4) {
    let nodes = 0;
    for (let i = 2 ** (depth - d + 4); i > 0; i--) nodes += count(make(d));
    total += nodes;
  }
  console.log(String(total + count(kept)));
}

main();
