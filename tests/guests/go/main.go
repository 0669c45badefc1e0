// Some of the probes of ../wit/survey.wit, as a WASI command: the name and the arguments come as JSON
// on standard input, the result goes as JSON to standard output. A command has no imports of the
// host, so it can ask for nothing.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
)

type call struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"`
}

type surroundings struct {
	Environment []string `json:"environment"`
	Arguments   []string `json:"arguments"`
	Files       []string `json:"files"`
}

func main() {
	result, err := answer()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		os.Exit(1)
	}
}

func answer() (any, error) {
	var asked call
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return nil, err
	}
	var arguments struct {
		Values []float64 `json:"values"`
		URL    string    `json:"url"`
		Depth  uint32    `json:"depth"`
		Bytes  uint64    `json:"bytes"`
	}
	if err := json.Unmarshal(asked.Arguments, &arguments); err != nil {
		return nil, err
	}
	switch asked.Name {
	case "mean":
		return mean(arguments.Values), nil
	case "is_up":
		return isUp(arguments.URL)
	case "look_around":
		return lookAround(), nil
	case "descend":
		return descend(arguments.Depth), nil
	case "hoard":
		return hoard(arguments.Bytes), nil
	case "spin":
		for {
		}
	}
	return nil, fmt.Errorf("there is no probe %q", asked.Name)
}

// Mean of numbers; nil if there are none.
func mean(values []float64) any {
	if len(values) == 0 {
		return nil
	}
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum / float64(len(values))
}

// A command has no network of its own: the error says so.
func isUp(url string) (any, error) {
	connection, err := net.Dial("tcp", url)
	if err != nil {
		return nil, err
	}
	return true, connection.Close()
}

func lookAround() surroundings {
	found := surroundings{
		Environment: os.Environ(),
		Arguments:   append([]string{}, os.Args...),
		Files:       []string{},
	}
	for _, path := range []string{"/", ".", "/etc/passwd", "/tmp", "plugin.toml"} {
		if file, err := os.Open(path); err == nil {
			found.Files = append(found.Files, path)
			file.Close()
		}
	}
	return found
}

func descend(depth uint32) uint32 {
	if depth == 0 {
		return 0
	}
	return 1 + descend(depth-1)
}

func hoard(bytes uint64) uint64 {
	const piece = 64 * 1024
	kept := [][]byte{}
	for size := uint64(0); size < bytes; size += piece {
		block := make([]byte, piece)
		for at := range block {
			block[at] = 1
		}
		kept = append(kept, block)
	}
	return uint64(len(kept)) * piece
}
