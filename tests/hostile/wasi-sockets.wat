;; Opens a connection, and looks up a name, past the host's own HTTP. Gives 0 when that went well,
;; or else the error's number, plus one.
;;: package wasi:sockets@0.2.0 {
;;:   interface network {
;;:     resource network;
;;:     enum error-code {
;;:       unknown, access-denied, not-supported, invalid-argument, out-of-memory, timeout,
;;:       concurrency-conflict, not-in-progress, would-block, invalid-state, new-socket-limit,
;;:       address-not-bindable, address-in-use, remote-unreachable, connection-refused,
;;:       connection-reset, connection-aborted, datagram-too-large, name-unresolvable,
;;:       temporary-resolver-failure, permanent-resolver-failure,
;;:     }
;;:     enum ip-address-family { ipv4, ipv6 }
;;:     type ipv4-address = tuple<u8, u8, u8, u8>;
;;:     type ipv6-address = tuple<u16, u16, u16, u16, u16, u16, u16, u16>;
;;:     record ipv4-socket-address { port: u16, address: ipv4-address }
;;:     record ipv6-socket-address {
;;:       port: u16, flow-info: u32, address: ipv6-address, scope-id: u32,
;;:     }
;;:     variant ip-socket-address { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }
;;:   }
;;:   interface instance-network {
;;:     use network.{network};
;;:     instance-network: func() -> network;
;;:   }
;;:   interface tcp {
;;:     use network.{network, error-code, ip-socket-address};
;;:     resource tcp-socket {
;;:       start-connect: func(network: borrow<network>, remote-address: ip-socket-address)
;;:         -> result<_, error-code>;
;;:       start-bind: func(network: borrow<network>, local-address: ip-socket-address)
;;:         -> result<_, error-code>;
;;:     }
;;:   }
;;:   interface tcp-create-socket {
;;:     use network.{error-code, ip-address-family};
;;:     use tcp.{tcp-socket};
;;:     create-tcp-socket: func(address-family: ip-address-family) -> result<tcp-socket, error-code>;
;;:   }
;;:   interface ip-name-lookup {
;;:     use network.{network, error-code};
;;:     resource resolve-address-stream;
;;:     resolve-addresses: func(network: borrow<network>, name: string)
;;:       -> result<resolve-address-stream, error-code>;
;;:   }
;;: }
;;: interface probes { connect: func(port: u64) -> u32; listen: func() -> u32; look-up: func() -> u32; }
;;: world guest {
;;:   import wasi:sockets/instance-network@0.2.0;
;;:   import wasi:sockets/tcp@0.2.0;
;;:   import wasi:sockets/tcp-create-socket@0.2.0;
;;:   import wasi:sockets/ip-name-lookup@0.2.0;
;;:   export probes;
;;: }
(module
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $create (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-connect"
    (func $connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-bind"
    (func $bind (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "resolve-addresses"
    (func $resolve (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "localhost")
  ;; The end of the call whose result is at 16.
  (func $end (param $code i32) (result i32)
    (if (result i32) (i32.load8_u (i32.const 16))
      (then (i32.add (i32.load8_u (i32.add (i32.const 16) (local.get $code))) (i32.const 1)))
      (else (i32.const 0))))
  (func (export "hostile:guest/probes#connect") (param $port i64) (result i32)
    (call $create (i32.const 0) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (return (call $end (i32.const 4)))))
    (call $connect (i32.load (i32.const 20)) (call $network) (i32.const 0)
      (i32.wrap_i64 (local.get $port)) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 16))
    (call $end (i32.const 1)))
  (func (export "hostile:guest/probes#listen") (result i32)
    (call $create (i32.const 0) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (return (call $end (i32.const 4)))))
    (call $bind (i32.load (i32.const 20)) (call $network) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 16))
    (call $end (i32.const 1)))
  (func (export "hostile:guest/probes#look-up") (result i32)
    (call $resolve (call $network) (i32.const 1024) (i32.const 9) (i32.const 16))
    (call $end (i32.const 4)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
