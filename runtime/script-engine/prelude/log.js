// Lines for the run's log.
(function (native, own) {
  'use strict';
  const line = (level) => (...values) => {
    let text = '';
    for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ' ') + own.show(values[i]);
    native.log(level, text);
  };
  const [debug, info, warn, error] = [line('debug'), line('info'), line('warn'), line('error')];
  own.global('log', { debug, info, warn, error });
  own.global('console', { debug, log: info, info, warn, error, trace: debug });
})
