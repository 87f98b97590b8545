package storage

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// keySize is the length of the data key, in bytes.
const keySize = 32

// saltSize is the length of the salt that a file mixes into the data key, so
// that no record of one file opens in another.
const saltSize = 16

// sealer seals values with AES-256-GCM under a random nonce. Where a value
// belongs, its bucket and key, is sealed with it: a value that was moved,
// altered or cut does not open. Safe for concurrent use.
type sealer struct{ aead cipher.AEAD }

// newSealer derives the key of one file from the data key.
func newSealer(dataKey, salt []byte) (*sealer, error) {
	if len(dataKey) != keySize {
		return nil, fmt.Errorf("a data key of %d bytes instead of %d", len(dataKey), keySize)
	}
	key, err := hkdf.Key(sha256.New, dataKey, salt, "panel file", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &sealer{aead}, nil
}

// seal appends plain, sealed for its place, to dst.
func (s *sealer) seal(dst []byte, bucket string, key, plain []byte) []byte {
	var room [96]byte
	return s.aead.Seal(dst, nil, plain, place(room[:0], bucket, key)) //nolint:gosec // this AEAD makes its own random nonce
}

var errNotOpening = errors.New("a value does not open")

// open appends to dst what was sealed for the place.
func (s *sealer) open(dst []byte, bucket string, key, sealed []byte) ([]byte, error) {
	var room [96]byte
	plain, err := s.aead.Open(dst, nil, sealed, place(room[:0], bucket, key))
	if err != nil {
		return dst, fmt.Errorf("%w in %s", errNotOpening, bucket)
	}
	return plain, nil
}

// place is what is sealed beside a value: no bucket's name holds a NUL.
func place(dst []byte, bucket string, key []byte) []byte {
	return append(append(append(dst, bucket...), 0), key...)
}

// NewKey returns a fresh data key.
func NewKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails, see its documentation
	return key
}
