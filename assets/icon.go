package assets

import (
	_ "embed"

	"fyne.io/fyne/v2"
)

//go:embed icon.png
var icon []byte

// Icon is Panel's icon, 256 pixels square; icon.svg is what it was drawn from.
var Icon = fyne.NewStaticResource("icon.png", icon)

//go:embed cloud.svg
var cloud []byte

// Cloud is a cloud in one colour, in the style of Fyne's icons.
var Cloud = fyne.NewStaticResource("cloud.svg", cloud)

//go:embed external.svg
var external []byte

// External is an arrow out of a box: a page in the browser.
var External = fyne.NewStaticResource("external.svg", external)
