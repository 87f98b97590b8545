package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
)

// The two pages that the browser can get. Nothing of a request is in them.
var (
	donePage = newPage("You can go back to Panel",
		"Panel has Google’s answer and shows what came of it. You can close this tab.")
	strayPage = newPage("This is not what Panel waits for",
		"Nothing has happened. Please follow the link that Panel shows, or start again there.")
)

const pageStyle = `
:root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--line:#dfe2e8;--text:#1c2330;--soft:#5b6473;--mark:#2f6fed}
@media (prefers-color-scheme:dark){:root{--back:#15181d;--card:#1e2229;--line:#323843;--text:#eceff4;--soft:#a0a9b8;--mark:#6ea0ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--back);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:460px;padding:40px;background:var(--card);border:1px solid var(--line);border-radius:14px;text-align:center}
svg{width:56px;height:56px;fill:none;stroke:var(--mark);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
h1{margin:16px 0 8px;font-size:22px;line-height:1.3;font-weight:600}
p{margin:0;color:var(--soft)}
`

// page is one constant page and the policy that lets it have its own style
// and nothing else.
type page struct {
	html   []byte
	policy string
}

func newPage(title, text string) page {
	sum := sha256.Sum256([]byte(pageStyle))
	return page{
		html: []byte(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Panel</title>
<style>` + pageStyle + `</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="3" y="4" width="18" height="13" rx="2"/><path d="M2 20h20M10 8l-3 2.5 3 2.5M7 10.5h9"/></svg>
<h1>` + title + `</h1>
<p>` + text + `</p>
</main>
</body>
</html>
`),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
}

// send writes the page, and has the whole of it on its way when it returns:
// with its length told before, nothing has to follow that would end it.
func (p page) send(w http.ResponseWriter, status int) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(p.html)))
	w.WriteHeader(status)
	_, _ = w.Write(p.html) // whoever has gone away needs no page
	_ = http.NewResponseController(w).Flush()
}
