package storage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// Every file has this bucket. Its name sorts before all others, so that the
// check of a file meets it first.
const metaBucket = "_meta"

// The keys of the meta bucket. The head is the one value that is not sealed
// as a whole, and sorts first; the counts say how many keys each bucket has, so
// that a key that went missing is noticed.
var (
	headKey   = []byte("head")
	countsKey = []byte("sizes")
)

// head is what is known of a file before any of its values is opened.
type head struct {
	version uint16
	salt    []byte
	check   []byte // seals the version, to tell a wrong key from damage
}

func (h *head) bytes() []byte {
	b := binary.BigEndian.AppendUint16(nil, h.version)
	b = append(append(b, h.salt...), h.check...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// makeHead seals the version under a salt.
func makeHead(version uint16, salt, key []byte) (head, *sealer, error) {
	s, err := newSealer(key, salt)
	if err != nil {
		return head{}, nil, err
	}
	return head{version, salt, s.seal(nil, metaBucket, headKey, binary.BigEndian.AppendUint16(nil, version))}, s, nil
}

var errHead = errors.New("its head does not hold together")

// readHead undoes [head.bytes].
func readHead(b []byte) (head, error) {
	end := len(b) - sha256.Size
	if end < 2+saltSize {
		return head{}, errHead
	}
	if sum := sha256.Sum256(b[:end]); !bytes.Equal(sum[:], b[end:]) {
		return head{}, errHead
	}
	return head{binary.BigEndian.Uint16(b), bytes.Clone(b[2 : 2+saltSize]), bytes.Clone(b[2+saltSize : end])}, nil
}

// unlock makes the sealer of a file. The head is whole, so that a key that
// does not open it is a wrong key and no damage.
func (h *head) unlock(key []byte) (*sealer, error) {
	s, err := newSealer(key, h.salt)
	if err != nil {
		return nil, err
	}
	if _, err := s.open(nil, metaBucket, headKey, h.check); err != nil {
		return nil, ErrWrongKey
	}
	return s, nil
}
