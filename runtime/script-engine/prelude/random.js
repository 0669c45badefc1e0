// Numbers that nobody can foresee. QuickJS's own would be the same in every call: its seed is from
// when the engine was built.
(function (native, own) {
  'use strict';
  const POOL = 64;
  const MOST = 65536;
  let pool = [];

  own.define(Math, 'random', function random() {
    if (pool.length === 0) {
      const bytes = native.randomBytes(POOL * 8);
      const numbers = new Uint32Array(bytes.buffer);
      for (let i = 0; i < POOL; i++) {
        // 53 bits, as many as a number holds.
        pool[i] = ((numbers[2 * i] >>> 5) * 67108864 + (numbers[2 * i + 1] >>> 6)) / 9007199254740992;
      }
    }
    const number = pool[pool.length - 1];
    pool.length -= 1;
    return number;
  });
  const { random } = Math;
  own.global('random', random);

  own.global('crypto', {
    getRandomValues(array) {
      const isWhole = ArrayBuffer.isView(array) && !(array instanceof DataView);
      if (!isWhole || array instanceof Float32Array || array instanceof Float64Array) {
        throw new TypeError('an array of integers is filled, such as Uint8Array');
      }
      if (array.byteLength > MOST) throw new RangeError(`at most ${MOST} bytes at once`);
      own.bytes(array).set(native.randomBytes(array.byteLength));
      return array;
    },
    randomUUID() {
      const bytes = native.randomBytes(16);
      bytes[6] = (bytes[6] & 0x0f) | 0x40;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      let text = '';
      for (let i = 0; i < 16; i++) {
        if (i === 4 || i === 6 || i === 8 || i === 10) text += '-';
        text += (bytes[i] >>> 4).toString(16) + (bytes[i] & 15).toString(16);
      }
      return text;
    },
  });
})
