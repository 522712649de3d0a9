package verify

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"ribble/internal/ledger"
	chk "ribble/internal/ledger/checkpoint"
	"ribble/internal/ledger/leaf"
)

// invented rows stand in for the database: the verifier reads the same export either way.
type invented struct {
	count       int64
	rows        []leaf.Row
	checkpoints []ledger.Stored
}

// State has a checkpoint after every thousand rows.
func (s *invented) State(context.Context) (ledger.State, error) {
	return ledger.State{Head: s.count, Size: s.count}, nil
}

// Rows gives a page.
func (s *invented) Rows(_ context.Context, after int64, most int) ([]leaf.Row, error) {
	return s.rows[after:min(s.count, after+int64(most))], nil
}

// Picked has none: a whole export picks none.
func (s *invented) Picked(context.Context, []int64) ([]leaf.Row, error) { return nil, nil }

func inventedRow(n int64) leaf.Row {
	return leaf.Row{
		Sequence: n, RecordedAt: time.Now(), At: time.Unix(1_900_000_000, n*1000), Act: "disclosed", Look: make([]byte, 16), Issuer: "https://cis2.example", Subject: "555",
		Organisation: "RXX", PersonIndex: make([]byte, 16), PersonKey: "k1234567", MAC: make([]byte, 16), MACKey: "m1234567",
		Words: []string{strings.Repeat("u", 150), strings.Repeat("d", 130), strings.Repeat("s", 25), strings.Repeat("f", 70)}, Body: bytes.Repeat([]byte{'x'}, 150),
	}
}

// Tiles has none: a whole export needs none.
func (s *invented) Tiles(context.Context, []ledger.TileID) (map[ledger.TileID][]byte, error) {
	return nil, nil
}

// Checkpoints gives those made by the benchmark.
func (s *invented) Checkpoints(_ context.Context, beyond int64, most int) ([]ledger.Stored, error) {
	for i, c := range s.checkpoints {
		if c.Size > beyond {
			return s.checkpoints[i:min(i+most, len(s.checkpoints))], nil
		}
	}
	return nil, nil
}

// BenchmarkVerify measures events a second, rows of about 700 bytes, a signed checkpoint with prints after every thousand.
func BenchmarkVerify(b *testing.B) {
	const rows = 200_000
	secret, public, err := chk.NewLogKey("ribble.example/audit")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	if err := chk.WriteKeyPair(dir+"/key", secret, public); err != nil {
		b.Fatal(err)
	}
	file, err := chk.ReadSigners(dir+"/key", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	s := &invented{count: rows}
	var tree frontier
	var prints, export bytes.Buffer
	for n := int64(1); n <= rows; n++ {
		r := inventedRow(n)
		s.rows = append(s.rows, r)
		h := hashLeaf(r.Append([]byte{0}))
		tree.push(h)
		prints.Write(h[:printSize])
		if n%chk.MostPrints == 0 {
			body := chk.Checkpoint{Origin: "ribble.example/audit", Size: n, Root: tree.root(), From: n - chk.MostPrints, Prints: bytes.Clone(prints.Bytes())}.Body()
			sig, err := file.Signers[0].Sign([]byte(body))
			if err != nil {
				b.Fatal(err)
			}
			id := binary.BigEndian.AppendUint32(nil, file.Signers[0].KeyHash())
			s.checkpoints = append(s.checkpoints, ledger.Stored{Size: n, Note: []byte(body + "\n— ribble.example/audit " + base64.StdEncoding.EncodeToString(append(id, sig...)) + "\n")})
			prints.Reset()
		}
	}
	if err := ledger.Export(b.Context(), s, &export, ledger.Range{}, nil); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(export.Len()))
	b.ReportAllocs()
	for b.Loop() {
		report, err := Export(bytes.NewReader(export.Bytes()), Options{LogKeys: []string{public}})
		if err != nil || report.Finding != nil || report.Signed != rows {
			b.Fatal(report, err)
		}
	}
	b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "events/s")
}
