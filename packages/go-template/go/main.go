//go:build wasip1

// Command go-template is the WebAssembly reactor behind @fuin/go-template. The host writes a request into the buffer
// that reserve returns, calls open once, then render for each template. All numbers are little-endian uint32,
// strings and byte strings are a length followed by the bytes. See src/protocol.ts for the other side.
package main

import (
	"encoding/binary"
	"runtime/debug"
	"unsafe"

	_ "time/tzdata" // the sandbox has no files, and upstream's image has the zones

	"go-template/engine"
)

func main() {}

var (
	request []byte
	result  []byte
	job     struct {
		names, texts   []string
		data           map[string]string
		maxOutputBytes int
		tellsText      bool
	}
)

// configure bounds the heap (bytes, soft: the collector works harder near it) and one goroutine's stack (bytes, hard).
//
//go:wasmexport configure
func configure(heapBytes, stackBytes uint32) {
	debug.SetMemoryLimit(int64(heapBytes))
	debug.SetMaxStack(int(stackBytes))
}

// reserve returns the address of a buffer of the given size, valid until open returns.
//
//go:wasmexport reserve
func reserve(size uint32) unsafe.Pointer {
	request = make([]byte, size)
	return unsafe.Pointer(unsafe.SliceData(request))
}

// open decodes the request: flags, maxOutputBytes, templates (name, text), context (name, value).
//
//go:wasmexport open
func open() {
	in := reader{request}
	job.tellsText = in.number() == 1
	job.maxOutputBytes = int(in.number())
	count := in.number()
	job.names, job.texts = make([]string, count), make([]string, count)
	for i := range count {
		job.names[i], job.texts[i] = in.string(), in.string()
	}
	count = in.number()
	job.data = make(map[string]string, count)
	for range count {
		name := in.string()
		job.data[name] = in.string()
	}
	request = nil
}

// render renders template number index and returns address<<32 | length of the result: one byte 1 and the output,
// or one byte 0, line, column, kind, function and text. The result is valid until the next call.
//
//go:wasmexport render
func render(index uint32) uint64 {
	rendered, failure := engine.Render(job.names[index], job.texts[index], job.data, job.maxOutputBytes)
	if failure == nil {
		job.maxOutputBytes -= len(rendered)
		result = append([]byte{1}, rendered...)
	} else {
		result = encodeFailure(failure)
	}
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(result))))<<32 | uint64(len(result))
}

func encodeFailure(failure *engine.Failure) []byte {
	text := ""
	if job.tellsText {
		text = failure.Text
	}
	out := binary.LittleEndian.AppendUint32([]byte{0}, uint32(failure.Line))
	out = binary.LittleEndian.AppendUint32(out, uint32(failure.Column))
	for _, field := range []string{failure.Kind, failure.Function, text} {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	return out
}

type reader struct{ rest []byte }

func (r *reader) number() uint32 {
	number := binary.LittleEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return number
}

func (r *reader) string() string {
	length := r.number()
	text := string(r.rest[:length])
	r.rest = r.rest[length:]
	return text
}
