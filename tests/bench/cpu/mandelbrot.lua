local function main()
  local size = 400
  local inside = 0
  for y = 0, size - 1 do
    for x = 0, size - 1 do
      local cr = 2.0 * x / size - 1.5
      local ci = 2.0 * y / size - 1.0
      local zr, zi, turn = 0.0, 0.0, 0
      while turn < 100 and zr * zr + zi * zi < 4.0 do
        local next = zr * zr - zi * zi + cr
        zi = 2.0 * zr * zi + ci
        zr = next
        turn = turn + 1
      end
      if turn == 100 then inside = inside + 1 end
    end
  end
  print(inside)
end

main()
