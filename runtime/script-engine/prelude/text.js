// TextEncoder and TextDecoder, for UTF-8.
(function (native, own) {
  'use strict';
  const labels = ['utf-8', 'utf8', 'unicode-1-1-utf-8'];

  // The bytes of a buffer or a view of one.
  own.bytes = (value) => {
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (ArrayBuffer.isView(value)) {
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    return undefined;
  };

  own.global('TextEncoder', class TextEncoder {
    get encoding() {
      return 'utf-8';
    }
    encode(text = '') {
      return native.encode(own.text(text));
    }
    encodeInto(text, into) {
      let read = 0;
      let written = 0;
      for (const character of own.text(text)) {
        const bytes = native.encode(character);
        if (written + bytes.length > into.length) break;
        into.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  });

  own.global('TextDecoder', class TextDecoder {
    #fatal;
    #ignoreBOM;
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      if (!labels.includes(`${label}`.trim().toLowerCase())) {
        throw new RangeError(`the encoding ${own.text(label)} is not supported; utf-8 is`);
      }
      this.#fatal = !!fatal;
      this.#ignoreBOM = !!ignoreBOM;
    }
    get encoding() {
      return 'utf-8';
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#ignoreBOM;
    }
    decode(input = new Uint8Array(0), { stream = false } = {}) {
      if (stream) throw new TypeError('decoding piece by piece is not supported');
      const bytes = own.bytes(input);
      if (bytes === undefined) throw new TypeError('bytes are decoded: a buffer or a view of one');
      const text = native.decode(bytes, this.#fatal);
      if (text === undefined) throw new TypeError('the bytes are not UTF-8');
      return !this.#ignoreBOM && text.startsWith('\ufeff') ? text.slice(1) : text;
    }
  });
})
