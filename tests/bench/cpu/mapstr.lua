local function main()
  local n = 500000
  local places = {}
  local x = 42
  for i = 1, n do
    x = x * 16807 % 2147483647
    places["key" .. x] = i
  end
  local sum = 0
  x = 42
  for _ = 1, n do
    x = x * 16807 % 2147483647
    sum = sum + places["key" .. x]
  end
  print(string.format("%d", sum))
end

main()
