#include "report/style.hpp"

namespace recon::report {

const char style_sheet[] = R"css(
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--paper:#fff;--band:#f5f7f9;
--approved:#1f4e79;--proposed:#7fb2d9;--open:#e8a87c;--past:#c3c9d1;--good:#1e6b3a;--bad:#a4262c}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#9aa5b4;--line:#343c48;--paper:#151a21;
--band:#1c222b;--approved:#4f93cf;--proposed:#9fc9ea;--open:#d98c56;--past:#4a5462;--good:#6cc08b;--bad:#f08a8a}}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--band:#fff;
--approved:#1f4e79;--proposed:#7fb2d9;--open:#e8a87c;--past:#c3c9d1;--good:#1e6b3a;--bad:#a4262c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{max-width:1160px;margin:0 auto;padding:2.5rem 1.5rem 3rem}
h1{font-size:1.75rem;line-height:1.2;font-weight:600;margin:0}
h2{font-size:1.125rem;font-weight:600;margin:2.75rem 0 .5rem;padding-bottom:.35rem;border-bottom:2px solid var(--ink)}
h3{font-size:.95rem;font-weight:600;margin:1.5rem 0 .4rem}
p{margin:.4rem 0}
.lead,.note,footer{color:var(--soft)}
.lead{margin:.35rem 0 0}
.note{font-size:.875rem}
h1,h2,h3,p,li,td,.title,.figures{overflow-wrap:anywhere}
.key{display:grid;grid-template-columns:repeat(4,1fr);gap:1px;margin:1.75rem 0 0;background:var(--line);
border:1px solid var(--line)}
.key div{background:var(--paper);padding:.8rem 1rem}
.key b{display:block;font-size:1.5rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums}
.key span{color:var(--soft);font-size:.875rem}
.good{color:var(--good)}
.bad{color:var(--bad)}
.verdict{margin:1rem 0 0;font-weight:600}
.wide{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
th{text-align:left;vertical-align:bottom;font-weight:600;color:var(--soft);border-bottom:1px solid var(--ink)}
th,td{padding:.4rem .75rem .4rem 0}
th:last-child,td:last-child{padding-right:0}
td{vertical-align:top;border-bottom:1px solid var(--line)}
.number{text-align:right}
td.number,td.date{white-space:nowrap}
td{min-width:6.5em}
td.code{min-width:4.5em}
td.number,td.date{min-width:0}
tr.sum td{font-weight:600;background:var(--band)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.6rem 0;padding:0;list-style:none;font-size:.875rem;color:var(--soft)}
.legend svg{width:.8rem;height:.8rem;margin-right:.4rem;vertical-align:-.08rem}
.legend+.bar{margin-top:0}.bar+.wide{margin-top:1rem}
.bar{display:grid;grid-template-columns:minmax(6rem,11rem) 1fr minmax(9rem,17rem);gap:.2rem 1rem;align-items:center;
padding:.3rem 0;font-size:.875rem;font-variant-numeric:tabular-nums;break-inside:avoid}
.bar svg{display:block;width:100%;height:.9rem}
.bar .figures{text-align:right;color:var(--soft)}
.track{fill:var(--band)}
.approved{fill:var(--approved)}.proposed{fill:var(--proposed)}.open{fill:var(--open)}.past{fill:var(--past)}
code{font:.8125rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.unseen{font-size:.75em;color:var(--bad)}
small{font-size:.8125rem;color:var(--soft)}
footer{margin-top:3rem;padding-top:.75rem;border-top:1px solid var(--line);font-size:.8125rem}
@media (max-width:640px){
main{padding:1.5rem 1rem 2rem}
.key{grid-template-columns:repeat(2,1fr)}
.bar{grid-template-columns:1fr auto}
.bar svg{grid-area:2/1/3/3}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody{display:block}
tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
tr.sum{background:var(--band)}
td,td.number,td:last-child{display:flex;justify-content:space-between;gap:1rem;border:0;padding:.1rem 0;text-align:right;white-space:normal}
td,td.code{min-width:0}
td>:last-child{min-width:0}
td::before{content:attr(data-title);color:var(--soft);text-align:left;flex:none;max-width:45%}
td:empty{display:none}
}
@media print{
@page{margin:16mm 14mm}
body{font-size:9.5pt}
main{max-width:none;padding:0}
.wide{overflow:visible}
h2,h3,thead{break-after:avoid}
tr{break-inside:avoid}
thead{display:table-header-group}
svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

}  // namespace recon::report
