package ui

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

func TestFlowLayout(t *testing.T) {
	newTestApp(t, "light")
	box := func(w, h float32) fyne.CanvasObject {
		r := canvas.NewRectangle(color.White)
		r.SetMinSize(fyne.NewSize(w, h))
		return r
	}
	objects := []fyne.CanvasObject{box(50, 20), box(40, 30), box(60, 20)}
	l := &flowLayout{gap: 10}
	l.Layout(objects, fyne.NewSize(105, 100))
	for i, want := range []fyne.Position{{X: 0, Y: 5}, {X: 60, Y: 0}, {X: 0, Y: 40}} {
		if got := objects[i].Position(); got != want {
			t.Errorf("object %d at %v, want %v", i, got, want)
		}
	}
	if got := l.MinSize(objects); got != fyne.NewSize(60, 60) {
		t.Errorf("needs %v at this width, want 60 × 60", got)
	}
}

func TestShorten(t *testing.T) {
	newTestApp(t, "light")
	const s = "Donaudampfschifffahrtsgymnasium Großschönau"
	full := fyne.MeasureText(s, 13, fyne.TextStyle{}).Width
	if got := shorten(s, full, 13, fyne.TextStyle{}); got != s {
		t.Errorf("cut to %q although there is room", got)
	}
	for width := float32(20); width < full; width += 7 {
		got := shorten(s, width, 13, fyne.TextStyle{})
		if w := fyne.MeasureText(got, 13, fyne.TextStyle{}).Width; w > width+1 {
			t.Errorf("%q is %v wide, room for %v", got, w, width)
		}
	}
}
