" The terminal keeps the mouse, so that text can be selected and copied; YAML is indented by two spaces.
let g:skip_defaults_vim = 1
set nocompatible backspace=indent,eol,start ruler showcmd incsearch hlsearch mouse=
syntax on
filetype plugin indent on
autocmd FileType yaml setlocal tabstop=2 softtabstop=2 shiftwidth=2 expandtab
