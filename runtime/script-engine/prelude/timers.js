// Waiting, and the time.
(function (native, own) {
  'use strict';
  const { now } = Date;
  const MOST = 2 ** 31 - 1;
  const milliseconds = (value) => {
    const number = +value;
    return number > 0 ? (number < MOST ? number : MOST) : 0;
  };
  const start = (time) => {
    const id = native.startSleep(time);
    if (typeof id === 'string') throw new RangeError(id);
    return id;
  };

  own.global('now', () => now());
  own.global('sleep', function sleep(time) {
    if (typeof time !== 'number' || !(time >= 0)) {
      throw new TypeError('sleep takes a number of milliseconds');
    }
    return new Promise((resolve) => own.begun(start(milliseconds(time)), { resolve }));
  });

  // Intervals have a new operation each time, and keep their first one's number.
  const current = Object.create(null);
  const timer = (what, isRepeated) => (callback, time, ...given) => {
    if (typeof callback !== 'function') throw new TypeError(`${what} takes a function`);
    const wait = milliseconds(time);
    const first = start(wait);
    const arm = (id) => {
      current[first] = id;
      own.begun(id, {
        resolve() {
          delete current[first];
          if (isRepeated) arm(start(wait));
          callback(...given);
        },
      });
    };
    arm(first);
    return first;
  };
  const clear = (first) => {
    const id = typeof first === 'number' ? current[first] : undefined;
    if (id === undefined) return;
    delete current[first];
    own.forget(id);
    native.cancel(id);
  };
  own.global('setTimeout', timer('setTimeout', false));
  own.global('setInterval', timer('setInterval', true));
  own.global('clearTimeout', clear);
  own.global('clearInterval', clear);

  // From the beginning of the call.
  own.global('performance', {
    now: () => native.elapsedMs(),
    get timeOrigin() {
      return now() - native.elapsedMs();
    },
  });
})
