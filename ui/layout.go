package ui

import "encoding/json"

// windowLayout is what the window remembers of its looks. The zero value of
// a field means the designed one.
type windowLayout struct {
	Width  float32               `json:"width"`
	Height float32               `json:"height"`
	Tab    int                   `json:"tab"`
	Lists  map[string]listLayout `json:"lists,omitempty"`
	// History is the width of the list of runs.
	History float32 `json:"history,omitempty"`
}

// listLayout is how a list of records looks.
type listLayout struct {
	// Columns are those shown, left to right; Widths theirs, absent while
	// they follow the window.
	Columns []string  `json:"columns,omitempty"`
	Widths  []float32 `json:"widths,omitempty"`
	Sort    string    `json:"sort,omitempty"`
	Down    bool      `json:"down,omitempty"`
	// Tree and Detail are the widths of the panes at the sides.
	Tree   float32 `json:"tree,omitempty"`
	Detail float32 `json:"detail,omitempty"`
}

// readLayout reads what was remembered; what cannot be read is as designed.
func readLayout(b []byte) windowLayout {
	var l windowLayout
	if json.Unmarshal(b, &l) != nil {
		l = windowLayout{}
	}
	if l.Width < 640 || l.Width > 10000 {
		l.Width = 1280
	}
	if l.Height < 400 || l.Height > 10000 {
		l.Height = 800
	}
	if l.Lists == nil {
		l.Lists = map[string]listLayout{}
	}
	return l
}

// saveLayout remembers how the window looks now. It runs before the window
// closes: afterwards Fyne may end the process at any time.
func (w *Window) saveLayout() {
	l := &w.layout
	if size := w.win.Canvas().Size(); size.Width > 0 {
		l.Width, l.Height = size.Width, size.Height
	}
	l.Tab = w.at
	for _, t := range w.tabs {
		if r, ok := t.pane.(interface{ remember(*windowLayout) }); ok {
			r.remember(l)
		}
	}
	b, err := json.Marshal(l)
	if err == nil {
		err = w.b.SetLayout(b)
	}
	_ = err // A forgotten width is not worth keeping the window open for.
}
