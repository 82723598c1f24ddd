autocmd BufNewFile,BufRead *.lull setfiletype lull
autocmd BufNewFile,BufRead * if !did_filetype() && getline(1) =~# '^#!.*\<lull\>' | setfiletype lull | endif
