local function make(depth)
  if depth == 0 then return {} end
  return {make(depth - 1), make(depth - 1)}
end

local function count(tree)
  if #tree == 0 then return 1 end
  return 1 + count(tree[1]) + count(tree[2])
end

local function main()
  local depth = 15
  local total = count(make(depth + 1))
  local kept = make(depth)
  for d = 4, depth, 4 do
    local nodes = 0
    for _ = 1, 2 ^ (depth - d + 4) do nodes = nodes + count(make(d)) end
    total = total + nodes
  end
  print(total + count(kept))
end

main()
