package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"panel/ui/view"
)

// Colours beside Fyne's own names.
const (
	colorCard   fyne.ThemeColorName = "panelCard"   // what stands above the background
	colorBorder fyne.ThemeColorName = "panelBorder" // a card's edge
	colorMuted  fyne.ThemeColorName = "panelMuted"  // second-rank text, 4.5:1 on a card
)

// seriesColors are the colours of the parts of a chart, in the light and the dark
// theme: after Okabe and Ito, which those who see fewer colours tell apart. The
// last one is that of all others.
var seriesColors = [2][8]color.NRGBA{
	{rgb(0x0072b2), rgb(0xe69f00), rgb(0x009e73), rgb(0xd55e00), rgb(0x56b4e9), rgb(0xcc79a7), rgb(0x8c7a00), rgb(0x98a2b0)},
	{rgb(0x4aa3e0), rgb(0xf0b43c), rgb(0x35c79a), rgb(0xff8a4a), rgb(0x9ad6fa), rgb(0xe6a2cc), rgb(0xd8cf5a), rgb(0x6c7684)},
}

// rowHeight is the height of one line of a table, a tree or a form of values.
const rowHeight = 28

// Text sizes beside theme.SizeNameText.
const (
	textSmall = 11
	textTitle = 17
)

type palette map[fyne.ThemeColorName]color.NRGBA

// lightPalette and darkPalette name every colour that the window uses. The
// error, warning and success colours carry text on their own tint, hence the
// darker green and amber in the light one.
var lightPalette = palette{
	theme.ColorNameBackground:          rgb(0xf3f5f8),
	theme.ColorNameForeground:          rgb(0x1d2530),
	theme.ColorNamePrimary:             rgb(0x1a62cf),
	theme.ColorNameForegroundOnPrimary: rgb(0xffffff),
	theme.ColorNameButton:              rgb(0xe6eaf0),
	theme.ColorNameDisabledButton:      rgb(0xeef0f4),
	theme.ColorNameDisabled:            rgb(0x9099a6),
	theme.ColorNameInputBackground:     rgb(0xffffff),
	theme.ColorNameInputBorder:         rgb(0xc6ced9),
	theme.ColorNamePlaceHolder:         rgb(0x6b7685),
	theme.ColorNameSeparator:           rgb(0xe1e5eb),
	theme.ColorNameHeaderBackground:    rgb(0xecf0f4),
	theme.ColorNameMenuBackground:      rgb(0xffffff),
	theme.ColorNameOverlayBackground:   rgb(0xffffff),
	theme.ColorNameHyperlink:           rgb(0x1a62cf),
	theme.ColorNameHover:               {R: 0x1d, G: 0x25, B: 0x30, A: 0x12},
	theme.ColorNamePressed:             {R: 0x1d, G: 0x25, B: 0x30, A: 0x22},
	theme.ColorNameFocus:               {R: 0x1a, G: 0x62, B: 0xcf, A: 0x40},
	theme.ColorNameSelection:           {R: 0x1a, G: 0x62, B: 0xcf, A: 0x30},
	theme.ColorNameScrollBar:           {R: 0x5b, G: 0x66, B: 0x75, A: 0xa0},
	theme.ColorNameScrollBarBackground: {},
	theme.ColorNameShadow:              {R: 0x10, G: 0x18, B: 0x28, A: 0x30},
	theme.ColorNameSuccess:             rgb(0x1a7f45),
	theme.ColorNameWarning:             rgb(0xa35f00),
	theme.ColorNameError:               rgb(0xc02b36),
	theme.ColorNameForegroundOnSuccess: rgb(0xffffff),
	theme.ColorNameForegroundOnWarning: rgb(0xffffff),
	theme.ColorNameForegroundOnError:   rgb(0xffffff),
	colorCard:                          rgb(0xffffff),
	colorBorder:                        rgb(0xdce1e8),
	colorMuted:                         rgb(0x5b6675),
}

var darkPalette = palette{
	theme.ColorNameBackground:          rgb(0x14171c),
	theme.ColorNameForeground:          rgb(0xe6eaf0),
	theme.ColorNamePrimary:             rgb(0x5b9bff),
	theme.ColorNameForegroundOnPrimary: rgb(0x0d1420),
	theme.ColorNameButton:              rgb(0x2a303a),
	theme.ColorNameDisabledButton:      rgb(0x20252d),
	theme.ColorNameDisabled:            rgb(0x6c7684),
	theme.ColorNameInputBackground:     rgb(0x1c2027),
	theme.ColorNameInputBorder:         rgb(0x3b4350),
	theme.ColorNamePlaceHolder:         rgb(0x8d97a6),
	theme.ColorNameSeparator:           rgb(0x2a303a),
	theme.ColorNameHeaderBackground:    rgb(0x20252d),
	theme.ColorNameMenuBackground:      rgb(0x20252d),
	theme.ColorNameOverlayBackground:   rgb(0x1f242b),
	theme.ColorNameHyperlink:           rgb(0x79adff),
	theme.ColorNameHover:               {R: 0xff, G: 0xff, B: 0xff, A: 0x12},
	theme.ColorNamePressed:             {R: 0xff, G: 0xff, B: 0xff, A: 0x22},
	theme.ColorNameFocus:               {R: 0x5b, G: 0x9b, B: 0xff, A: 0x50},
	theme.ColorNameSelection:           {R: 0x5b, G: 0x9b, B: 0xff, A: 0x40},
	theme.ColorNameScrollBar:           {R: 0x8d, G: 0x97, B: 0xa6, A: 0x90},
	theme.ColorNameScrollBarBackground: {},
	theme.ColorNameShadow:              {A: 0x70},
	theme.ColorNameSuccess:             rgb(0x4cc38a),
	theme.ColorNameWarning:             rgb(0xf0a83c),
	theme.ColorNameError:               rgb(0xff7a7f),
	theme.ColorNameForegroundOnSuccess: rgb(0x0d1420),
	theme.ColorNameForegroundOnWarning: rgb(0x0d1420),
	theme.ColorNameForegroundOnError:   rgb(0x0d1420),
	colorCard:                          rgb(0x1c2027),
	colorBorder:                        rgb(0x2e3540),
	colorMuted:                         rgb(0x9aa4b2),
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}

// panelTheme is dense: text 13, small paddings. Its choice is a theme of
// [Settings]: "light" and "dark" stand above the system's variant, anything
// else follows it.
type panelTheme struct{ choice string }

func (t panelTheme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	variant = t.variant(variant)
	colors := lightPalette
	if variant == theme.VariantDark {
		colors = darkPalette
	}
	if c, ok := colors[name]; ok {
		return c
	}
	return theme.DefaultTheme().Color(name, variant)
}

func (t panelTheme) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.choice {
	case "light":
		return theme.VariantLight
	case "dark":
		return theme.VariantDark
	}
	return system
}

func (t panelTheme) Font(style fyne.TextStyle) fyne.Resource {
	return theme.DefaultTheme().Font(style)
}

func (t panelTheme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

func (t panelTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameSubHeadingText:
		return 15
	case theme.SizeNameHeadingText:
		return 20
	case theme.SizeNameCaptionText:
		return textSmall
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius:
		return 6
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 5
	case theme.SizeNameLineSpacing:
		return 3
	}
	return theme.DefaultTheme().Size(name)
}

// inks are the colours of the theme that were asked for last: Fyne makes a new
// value of each, every time.
var inks struct {
	theme   fyne.Theme
	variant fyne.ThemeVariant
	colors  map[fyne.ThemeColorName]color.NRGBA
}

// themed returns a colour of the current theme as it stands now.
func themed(name fyne.ThemeColorName) color.NRGBA {
	settings := fyne.CurrentApp().Settings()
	if t, v := settings.Theme(), settings.ThemeVariant(); inks.colors == nil || inks.theme != t || inks.variant != v {
		inks.theme, inks.variant, inks.colors = t, v, make(map[fyne.ThemeColorName]color.NRGBA)
	}
	c, ok := inks.colors[name]
	if !ok {
		c, _ = color.NRGBAModel.Convert(theme.Color(name)).(color.NRGBA)
		inks.colors[name] = c
	}
	return c
}

// tinted returns a colour of the current theme at an opacity.
func tinted(name fyne.ThemeColorName, alpha uint8) color.NRGBA {
	c := themed(name)
	c.A = alpha
	return c
}

// over returns c as it looks on an opaque ground.
func over(ground, c color.NRGBA) color.NRGBA {
	mix := func(g, c, a uint8) uint8 { return uint8((uint32(c)*uint32(a) + uint32(g)*(255-uint32(a))) / 255) }
	return color.NRGBA{R: mix(ground.R, c.R, c.A), G: mix(ground.G, c.G, c.A), B: mix(ground.B, c.B, c.A), A: 0xff}
}

// toneColor is the colour of a tone in the current theme.
func toneColor(t view.Tone) fyne.ThemeColorName {
	switch t {
	case view.Muted:
		return colorMuted
	case view.Info:
		return theme.ColorNamePrimary
	case view.Good:
		return theme.ColorNameSuccess
	case view.Warn:
		return theme.ColorNameWarning
	case view.Bad:
		return theme.ColorNameError
	}
	return theme.ColorNameForeground
}
