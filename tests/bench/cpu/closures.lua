local function counter()
  local n = 0
  return function()
    n = n + 1
    return n
  end
end

local function main()
  local next = counter()
  local sum = 0
  for _ = 1, 10000000 do sum = sum + next() end
  print(string.format("%d", sum))
end

main()
