package assets

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Sounds are the sounds of a scan as WAV files: a short high note where all is
// well, two low ones where it is not. They are made here, of sine waves, so
// that there is nothing to license.
var (
	GoodSound = wave(tone{1320, 70}, tone{1760, 90})
	BadSound  = wave(tone{330, 160}, tone{0, 60}, tone{220, 260})
)

// tone is a note in hertz, or a pause, of some milliseconds.
type tone struct{ hertz, milliseconds int }

// wave is a mono WAV file of 16 bits at 22,050 Hz.
func wave(tones ...tone) []byte {
	const rate = 22_050
	var samples []int16
	for _, t := range tones {
		n := rate * t.milliseconds / 1000
		for i := range n {
			fade := math.Min(1, math.Min(float64(i), float64(n-i))/(rate*0.006)) // without it, it clicks
			v := math.Sin(2 * math.Pi * float64(t.hertz) * float64(i) / rate)
			samples = append(samples, int16(v*fade*0.5*math.MaxInt16))
		}
	}
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer takes everything
	size := uint32(2 * len(samples))
	b.WriteString("RIFF")
	put(36 + size)
	b.WriteString("WAVEfmt ")
	put(uint32(16))
	put([]uint16{1, 1}) // PCM, mono
	put([]uint32{rate, 2 * rate})
	put([]uint16{2, 16}) // bytes and bits a sample
	b.WriteString("data")
	put(size)
	put(samples)
	return b.Bytes()
}
