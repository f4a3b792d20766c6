#!/bin/sh
# The same work with the stock tools: print, Word, and for each mission a fax with a cover as PDF and TIFF. $1: folder with letter.<lang>.{html,md} and
# fax.<lang>.html, whose first two pages are the covers; the rest: languages. (qpdf joins pages in a thirtieth of Ghostscript's time.) WEASYPRINT names the command; it is the same version that engross uses.
set -e
cd "$1"; shift
for lang in "$@"; do
  "${WEASYPRINT:-weasyprint}" --quiet --pdf-variant pdf/a-3a "letter.$lang.html" "same.$lang.pdf"
  pandoc "letter.$lang.md" -o "same.$lang.docx"
  "${WEASYPRINT:-weasyprint}" --quiet "fax.$lang.html" "same.$lang.fax.pdf"
  for mission in 1 2; do
    gs -q -dNOPAUSE -dBATCH -dSAFER -sDEVICE=tiffg4 -r204x196 "-sPageList=$mission,3-" "-sOutputFile=same.$lang.fax$mission.tif" "same.$lang.fax.pdf"
    qpdf --empty --pages "same.$lang.fax.pdf" "$mission,3-z" -- "same.$lang.fax$mission.pdf"
  done
done
