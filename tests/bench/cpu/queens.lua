local function place(row, n, columns, up, down)
  if row == n then return 1 end
  local found = 0
  for c = 0, n - 1 do
    if not columns[c] and not up[row + c] and not down[row - c + n] then
      columns[c] = true
      up[row + c] = true
      down[row - c + n] = true
      found = found + place(row + 1, n, columns, up, down)
      columns[c] = false
      up[row + c] = false
      down[row - c + n] = false
    end
  end
  return found
end

local function falses(n)
  local t = {}
  for i = 0, n - 1 do t[i] = false end
  return t
end

local function main()
  local n = 11
  print(place(0, n, falses(n), falses(2 * n), falses(2 * n + 1)))
end

main()
