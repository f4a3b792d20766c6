#!/bin/sh
# The stock tools, one language after another: WeasyPrint's command, pandoc, Ghostscript. $1: folder with letter.<lang>.{html,md}; the rest: languages.
# WEASYPRINT names the command; it is the same version that engross uses.
set -e
cd "$1"; shift
for lang in "$@"; do
  "${WEASYPRINT:-weasyprint}" --quiet --pdf-variant pdf/a-3a "letter.$lang.html" "stock.$lang.pdf"
  pandoc "letter.$lang.md" -o "stock.$lang.docx"
  gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=tiffg4 -r204x196 -sOutputFile="stock.$lang.tif" "stock.$lang.pdf"
done
