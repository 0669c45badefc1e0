;; Sends whatever it is told to through wasi:http, as a probe and as an action. A request that it
;; cannot even make is a crash.
;;: package wasi:io@0.2.0 {
;;:   interface poll { resource pollable { block: func(); } }
;;: }
;;: package wasi:http@0.2.0 {
;;:   interface types {
;;:     use wasi:io/poll@0.2.0.{pollable};
;;:     variant method { get, head, post, put, delete, connect, options, trace, patch, other(string) }
;;:     variant header-error { invalid-syntax, forbidden, immutable }
;;:     resource fields {
;;:       constructor();
;;:       append: func(name: string, value: list<u8>) -> result<_, header-error>;
;;:     }
;;:     resource request-options { constructor(); }
;;:     resource outgoing-request {
;;:       constructor(headers: fields);
;;:       set-method: func(method: method) -> result;
;;:       set-scheme: func(scheme: option<scheme>) -> result;
;;:       set-authority: func(authority: option<string>) -> result;
;;:       set-path-with-query: func(path-with-query: option<string>) -> result;
;;:     }
;;:     resource future-incoming-response {
;;:       subscribe: func() -> pollable;
;;:       get: func() -> option<result<result<incoming-response, error-code>>>;
;;:     }
;;:     resource incoming-response { status: func() -> u16; }
;;:     variant scheme {
;;:         HTTP,
;;:         HTTPS,
;;:         other(string),
;;:     }
;;:     record DNS-error-payload {
;;:         rcode: option<string>,
;;:         info-code: option<u16>,
;;:     }
;;:     record TLS-alert-received-payload {
;;:         alert-id: option<u8>,
;;:         alert-message: option<string>,
;;:     }
;;:     record field-size-payload {
;;:         field-name: option<string>,
;;:         field-size: option<u32>,
;;:     }
;;:     variant error-code {
;;:         DNS-timeout,
;;:         DNS-error(DNS-error-payload),
;;:         destination-not-found,
;;:         destination-unavailable,
;;:         destination-IP-prohibited,
;;:         destination-IP-unroutable,
;;:         connection-refused,
;;:         connection-terminated,
;;:         connection-timeout,
;;:         connection-read-timeout,
;;:         connection-write-timeout,
;;:         connection-limit-reached,
;;:         TLS-protocol-error,
;;:         TLS-certificate-error,
;;:         TLS-alert-received(TLS-alert-received-payload),
;;:         HTTP-request-denied,
;;:         HTTP-request-length-required,
;;:         HTTP-request-body-size(option<u64>),
;;:         HTTP-request-method-invalid,
;;:         HTTP-request-URI-invalid,
;;:         HTTP-request-URI-too-long,
;;:         HTTP-request-header-section-size(option<u32>),
;;:         HTTP-request-header-size(option<field-size-payload>),
;;:         HTTP-request-trailer-section-size(option<u32>),
;;:         HTTP-request-trailer-size(field-size-payload),
;;:         HTTP-response-incomplete,
;;:         HTTP-response-header-section-size(option<u32>),
;;:         HTTP-response-header-size(field-size-payload),
;;:         HTTP-response-body-size(option<u64>),
;;:         HTTP-response-trailer-section-size(option<u32>),
;;:         HTTP-response-trailer-size(field-size-payload),
;;:         HTTP-response-transfer-coding(option<string>),
;;:         HTTP-response-content-coding(option<string>),
;;:         HTTP-response-timeout,
;;:         HTTP-upgrade-failed,
;;:         HTTP-protocol-error,
;;:         loop-detected,
;;:         configuration-error,
;;:         internal-error(option<string>),
;;:     }
;;:   }
;;:   interface outgoing-handler {
;;:     use types.{outgoing-request, request-options, future-incoming-response, error-code};
;;:     handle: func(request: outgoing-request, options: option<request-options>)
;;:       -> result<future-incoming-response, error-code>;
;;:   }
;;: }
;;: interface probes {
;;:   use wasi:http/types@0.2.0.{error-code};
;;:   send: func(method: string, authority: string, path: string, header: string, value: string) -> result<u16, error-code>;
;;: }
;;: interface actions {
;;:   use wasi:http/types@0.2.0.{error-code};
;;:   post: func(method: string, authority: string, path: string, header: string, value: string) -> result<u16, error-code>;
;;: }
;;: world guest {
;;:   import wasi:io/poll@0.2.0;
;;:   import wasi:http/types@0.2.0;
;;:   import wasi:http/outgoing-handler@0.2.0;
;;:   export probes;
;;:   export actions;
;;: }
(module
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[method]fields.append"
    (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-request"
    (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-method"
    (func $method (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-scheme"
    (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-authority"
    (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-path-with-query"
    (func $path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $handle (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.get"
    (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.status"
    (func $status (param i32) (result i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 4096))
  (func $or-crash (param i32) (if (local.get 0) (then unreachable)))
  ;; Method, authority, path, header and its value, each an address and a length.
  (func (export "hostile:guest/probes#send") (export "hostile:guest/actions#post")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (local $fields i32) (local $request i32) (local $future i32)
    (local.set $fields (call $fields))
    (if (local.get 7) (then
      (call $append (local.get $fields) (local.get 6) (local.get 7) (local.get 8) (local.get 9)
        (i32.const 16))
      (call $or-crash (i32.load8_u (i32.const 16)))))
    (local.set $request (call $request (local.get $fields)))
    (call $or-crash
      (call $method (local.get $request) (i32.const 9) (local.get 0) (local.get 1)))
    (call $or-crash
      (call $scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
    (call $or-crash
      (call $authority (local.get $request) (i32.const 1) (local.get 2) (local.get 3)))
    (call $or-crash
      (call $path (local.get $request) (i32.const 1) (local.get 4) (local.get 5)))
    (call $handle (local.get $request) (i32.const 0) (i32.const 0) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (return (i32.const 16))))
    (local.set $future (i32.load (i32.const 24)))
    (call $block (call $subscribe (local.get $future)))
    ;; An option of a result of a result: the last one is handed on, with the status in it.
    (call $get (local.get $future) (i32.const 16))
    (if (i32.eqz (i32.load8_u (i32.const 32))) (then
      (i32.store16 (i32.const 40) (call $status (i32.load (i32.const 40))))))
    (i32.const 32))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at)))
