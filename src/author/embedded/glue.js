// The kernel's half of a realm. Evaluated before any author code, and keeps what it needs of the language in
// constants: whatever author code replaces afterwards, nothing here goes through it.
export default (function (host) {
  const { apply, construct, ownKeys, defineProperty, getOwnPropertyDescriptor, deleteProperty } = Reflect;
  const { freeze, create } = Object;
  const isArray = Array.isArray;
  const toText = String;
  const NativeError = Error;
  const NativeTypeError = TypeError;
  const NativeRangeError = RangeError;
  const global = globalThis;
  const { trunc } = Math;

  const hide = (target, name, value) =>
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  const show = (target, name, value) =>
    defineProperty(target, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  const eachKey = (value, visit) => {
    const keys = ownKeys(value);
    for (let i = 0; i < keys.length; i += 1) if (typeof keys[i] === 'string') visit(keys[i]);
  };
  const push = (list, value) => show(list, list.length, value);

  // ---- what a scene sets: clock, randomness, timers -------------------------------------------------------------

  let now = 0;
  let a = 1, b = 2, c = 3, d = 4;
  const random32 = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  const random = () => ((random32() >>> 5) * 67108864 + (random32() >>> 6)) / 9007199254740992;
  let started = 0;
  let firstTimer = null;
  let timerCount = 0;
  const enter = (clock, s0, s1, s2, s3) => {
    now = started = clock;
    a = s0; b = s1; c = s2; d = s3;
    for (let i = 0; i < 12; i += 1) random32();
    firstTimer = null;
    timerCount = 0;
  };

  const addTimer = (run, delay, every, args) => {
    if (typeof run !== 'function') throw new NativeTypeError('the callback of a timer is not a function');
    let wait = +delay;
    if (!(wait >= 0)) wait = 0;
    timerCount += 1;
    const timer = { __proto__: null, id: timerCount, at: now + trunc(wait), every, run, args, next: null };
    insert(timer);
    return timer.id;
  };
  const insert = (timer) => {
    let before = null;
    let after = firstTimer;
    while (after !== null && after.at <= timer.at) { before = after; after = after.next; }
    timer.next = after;
    if (before === null) firstTimer = timer; else before.next = timer;
  };
  const clearTimer = (id) => {
    let before = null;
    for (let timer = firstTimer; timer !== null; before = timer, timer = timer.next) {
      if (timer.id !== id) continue;
      if (before === null) firstTimer = timer.next; else before.next = timer.next;
      return;
    }
  };
  const nextTimer = () => {
    const timer = firstTimer;
    if (timer === null) return false;
    firstTimer = timer.next;
    if (timer.at > now) now = timer.at;
    if (timer.every >= 0) { timer.at = now + (timer.every > 1 ? timer.every : 1); insert(timer); }
    try { apply(timer.run, undefined, timer.args); } catch (error) { host.log('error', ['a timer failed:', error]); }
    return true;
  };
  hide(global, 'setTimeout', function setTimeout(run, delay, ...args) { return addTimer(run, delay, -1, args); });
  hide(global, 'setInterval', function setInterval(run, delay, ...args) {
    return addTimer(run, delay, +delay >= 0 ? +delay : 0, args);
  });
  hide(global, 'setImmediate', function setImmediate(run, ...args) { return addTimer(run, 0, -1, args); });
  hide(global, 'clearTimeout', function clearTimeout(id) { clearTimer(id); });
  hide(global, 'clearInterval', function clearInterval(id) { clearTimer(id); });
  hide(global, 'clearImmediate', function clearImmediate(id) { clearTimer(id); });

  hide(Math, 'random', function random_() { return random(); });
  hide(global, 'performance', freeze({ now: () => now - started, timeOrigin: 0 }));
  const typedTag = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
  const byteOffset = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteOffset').get;
  const byteLength = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength').get;
  const bufferOf = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'buffer').get;
  const Bytes = Uint8Array;
  const hex = '0123456789abcdef';
  hide(global, 'crypto', freeze({
    getRandomValues(array) {
      if (apply(typedTag, array, []) === undefined) throw new NativeTypeError('expected a typed array');
      const length = apply(byteLength, array, []);
      if (length > 65536) throw new NativeRangeError('more than 65536 random bytes at once');
      const bytes = new Bytes(apply(bufferOf, array, []), apply(byteOffset, array, []), length);
      for (let i = 0; i < length; i += 1) bytes[i] = random32() >>> 24;
      return array;
    },
    randomUUID() {
      let id = '';
      for (let i = 0; i < 32; i += 1) {
        if (i === 8 || i === 12 || i === 16 || i === 20) id += '-';
        const digit = random32() >>> 28;
        id += hex[i === 12 ? 4 : i === 16 ? 8 | (digit & 3) : digit];
      }
      return id;
    },
  }));
  // Shared memory can wait and garbage collection can be observed: neither is the same twice.
  for (const name of ['SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) deleteProperty(global, name);

  // ---- dates: the scene's clock, in UTC whatever the machine's zone ---------------------------------------------

  const NativeDate = Date;
  const dates = NativeDate.prototype;
  const { UTC } = NativeDate;
  const nativeParse = NativeDate.parse;
  const getTime = dates.getTime;
  const nativeOffset = dates.getTimezoneOffset;
  const toUTC = dates.toUTCString;
  const slice = String.prototype.slice;
  const exec = RegExp.prototype.exec;
  const zoned = /(?:Z|GMT|UTC?|[A-Z]{2}T|[+-]\d{2}:?\d{2})\s*(?:\(.*\))?\s*$|^\s*[+-]?\d{4,6}(?:-\d\d){0,2}\s*$/i;
  const parse = (text) => {
    const time = nativeParse(text);
    if (time !== time || apply(exec, zoned, [text]) !== null) return time;
    return time - apply(nativeOffset, new NativeDate(time), []) * 60000;
  };
  const FakeDate = function Date(...parts) {
    if (new.target === undefined) return dateText(now);
    let time = now;
    if (parts.length === 1) {
      const given = parts[0];
      let value = given;
      if (isObject(given)) {
        try { value = apply(getTime, given, []); } catch { value = toPrimitive(given); }
      }
      time = typeof value === 'string' ? parse(value) : +value;
    } else if (parts.length > 1) {
      time = apply(UTC, undefined, parts);
    }
    return construct(NativeDate, [time], new.target);
  };
  const toPrimitive = (value) => {
    const convert = value[Symbol.toPrimitive];
    return typeof convert === 'function' ? apply(convert, value, ['default']) : toText(value);
  };
  const dateText = (time) => {
    const text = apply(toUTC, new NativeDate(time), []);
    if (text === 'Invalid Date') return text;
    const part = (from, to) => apply(slice, text, [from, to]);
    return part(0, 3) + ' ' + part(8, 11) + ' ' + part(5, 7) + ' ' + part(12, -4) + ' GMT+0000 (UTC)';
  };
  const timeOf = (date) => apply(getTime, date, []);
  defineProperty(FakeDate, 'prototype', { __proto__: null, value: dates, writable: false });
  defineProperty(FakeDate, 'length', { __proto__: null, value: 7, configurable: true });
  hide(dates, 'constructor', FakeDate);
  hide(FakeDate, 'now', function now_() { return now; });
  hide(FakeDate, 'parse', function parse_(text) { return parse(toText(text)); });
  hide(FakeDate, 'UTC', UTC);
  for (const field of ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds', 'Day']) {
    hide(dates, 'get' + field, dates['getUTC' + field]);
    if (field !== 'Day') hide(dates, 'set' + field, dates['setUTC' + field]);
  }
  const getFullYear = dates.getUTCFullYear;
  const setFullYear = dates.setUTCFullYear;
  hide(dates, 'getYear', function getYear() { return apply(getFullYear, this, []) - 1900; });
  hide(dates, 'setYear', function setYear(year) { return apply(setFullYear, this, [year < 100 ? 1900 + +year : year]); });
  hide(dates, 'getTimezoneOffset', function getTimezoneOffset() { return timeOf(this) * 0; });
  const texts = {
    __proto__: null,
    toString: (text) => text,
    toDateString: (text) => apply(slice, text, [0, 15]),
    toTimeString: (text) => apply(slice, text, [16]),
    toLocaleString: (text) => apply(slice, text, [0, 24]),
    toLocaleDateString: (text) => apply(slice, text, [0, 15]),
    toLocaleTimeString: (text) => apply(slice, text, [16, 24]),
  };
  for (const name of ownKeys(texts)) {
    const cut = texts[name];
    hide(dates, name, { [name]() {
      const text = dateText(timeOf(this));
      return text === 'Invalid Date' ? text : cut(text);
    } }[name]);
  }
  hide(global, 'Date', FakeDate);

  // ---- logs -----------------------------------------------------------------------------------------------------

  const logger = () => freeze({
    debug: (...parts) => { host.log('debug', parts); },
    info: (...parts) => { host.log('info', parts); },
    log: (...parts) => { host.log('info', parts); },
    warn: (...parts) => { host.log('warn', parts); },
    error: (...parts) => { host.log('error', parts); },
    trace: (...parts) => { host.log('debug', parts); },
  });
  hide(global, 'console', logger());

  // ---- what authors import --------------------------------------------------------------------------------------

  const CONNECTOR = Symbol('connector');
  const OPERATOR = Symbol('operator');
  const branded = (kind, value, what) => {
    if (typeof value !== 'object' || value === null) throw new NativeTypeError(what + ' expects an object');
    const copy = create(null);
    eachKey(value, (key) => { show(copy, key, value[key]); });
    hide(copy, kind, true);
    return freeze(copy);
  };
  const has = (value, kind) => {
    if (!isObject(value)) return false;
    const found = getOwnPropertyDescriptor(value, kind);
    return found !== undefined && found.value === true;
  };
  const credential = (kind) => (fields) => {
    const spec = { kind };
    if (isObject(fields)) eachKey(fields, (key) => { show(spec, key, fields[key]); });
    return freeze(spec);
  };
  const none = credential('none');
  const auth = freeze({
    apiKey: credential('apiKey'), bearer: credential('bearer'), basic: credential('basic'),
    oauth2: credential('oauth2'), none,
  });

  const exactAmount = (value) => typeof value === 'number' && value >= 0 && value < 9007199254740992;
  const satisfied = (policy, action, envelope) => {
    if (policy.maxValue !== undefined && policy.maxValue !== null) {
      if (!exactAmount(action.value) || !(action.value <= policy.maxValue)) return false;
    }
    if (policy.predicate !== undefined && policy.predicate !== null) {
      try {
        const predicate = policy.predicate;
        if (predicate(action, envelope) !== true) return false;
      } catch { return false; }
    }
    return true;
  };
  const evaluate = (policies, action, envelope) => {
    let decision = 'BLOCK';
    for (let i = 0; i < policies.length; i += 1) {
      const policy = policies[i];
      const { connector, tool: wanted } = policy;
      if (connector !== undefined && connector !== null && connector !== action.connector) continue;
      if (wanted !== undefined && wanted !== null && wanted !== action.tool) continue;
      const stated = policy.decision;
      if ((stated !== 'ALLOW' && stated !== 'ALERT') || !satisfied(policy, action, envelope)) return 'BLOCK';
      if (stated === 'ALERT' || decision === 'BLOCK') decision = stated;
    }
    return decision;
  };

  const sdk = freeze({
    defineConnector: (def) => branded(CONNECTOR, def, 'defineConnector'),
    defineOperator: (def) => branded(OPERATOR, def, 'defineOperator'),
    tool: (def) => def,
    auth,
    none: () => none(),
    evaluate,
    devKernel: () => {
      throw new NativeError('devKernel runs in a test runner and arrives with the TypeScript SDK; ' +
        'until then use `fibric dev replay --propose-only --json`');
    },
  });

  // ---- describing the export ------------------------------------------------------------------------------------

  const MARK = freeze({ '~function': true });
  const plain = (value) => (typeof value === 'function' ? MARK : value);
  const describeInput = (input) => {
    const standard = isObject(input) ? input['~standard'] : undefined;
    if (isObject(standard) && typeof standard.validate === 'function') {
      let schema = null;
      try {
        const source = standard.jsonSchema;
        if (isObject(source) && typeof source.input === 'function') schema = source.input({ target: 'draft-2020-12' });
      } catch { schema = null; }
      return { form: 'standard', schema: isObject(schema) ? schema : null };
    }
    if (typeof input === 'function') return { form: 'function' };
    return { form: 'literal', schema: input };
  };
  const describeTool = (tool) => {
    if (!isObject(tool)) return tool;
    const fields = create(null);
    eachKey(tool, (key) => {
      const value = tool[key];
      if (value !== undefined) show(fields, key, key === 'input' ? describeInput(value) : plain(value));
    });
    return fields;
  };
  const describeTools = (tools) => {
    if (!isObject(tools) || typeof tools === 'function') return plain(tools);
    const described = isArray(tools) ? [] : create(null);
    if (isArray(tools)) for (let i = 0; i < tools.length; i += 1) push(described, describeTool(tools[i]));
    else eachKey(tools, (key) => { show(described, key, describeTool(tools[key])); });
    return described;
  };
  const describe = (definition) => {
    const kind = has(definition, CONNECTOR) ? 'connector' : has(definition, OPERATOR) ? 'operator' : 'none';
    const fields = create(null);
    if (kind !== 'none') {
      eachKey(definition, (key) => {
        const value = definition[key];
        if (value === undefined) return;
        show(fields, key, key === 'tools' && kind === 'connector' ? describeTools(value) : plain(value));
      });
    }
    return { export: kind, fields };
  };

  // ---- policies -------------------------------------------------------------------------------------------------

  const describeRules = (exported) => {
    if (!isArray(exported)) return { export: 'none', rules: [] };
    const rules = [];
    for (let i = 0; i < exported.length; i += 1) {
      const rule = exported[i];
      if (!isObject(rule)) { push(rules, plain(rule)); continue; }
      const fields = create(null);
      eachKey(rule, (key) => {
        const value = rule[key];
        if (value !== undefined) show(fields, key, plain(value));
      });
      push(rules, fields);
    }
    return { export: 'rules', rules };
  };
  // What is not exactly a boolean is never one: nothing is waited for, nothing is made true.
  const judge = (exported, index, action, envelope) => {
    try {
      const rule = exported[index];
      const answer = apply(rule.predicate, rule, [action, envelope]);
      if (answer === true || answer === false) host.done({ is: answer });
      else if (typeof answer === 'function') host.done({ other: 'a function' });
      else if (isObject(answer)) host.done({ other: typeof member(answer, 'then') === 'function' ? 'a promise' : 'an object' });
      else host.done({ other: typeof answer === 'string' ? '`' + answer + '`' : text(answer) });
    } catch (error) { host.failed(explain(error)); }
  };
  const member = (value, name) => {
    try { return value[name]; } catch { return undefined; }
  };

  // ---- running --------------------------------------------------------------------------------------------------

  const toolNamed = (definition, name) => {
    const { tools } = definition;
    if (isArray(tools)) {
      for (let i = 0; i < tools.length; i += 1) if (tools[i].name === name) return tools[i];
    } else {
      let found;
      eachKey(tools, (key) => {
        const own = tools[key].name;
        if ((own === undefined || own === null ? key : own) === name) found = tools[key];
      });
      if (found !== undefined) return found;
    }
    throw new NativeError('there is no tool `' + name + '`');
  };
  const operatorContext = (definition, envelope) => ({
    envelope,
    sense: async (capability, args) => host.sense(toText(capability), args),
    reason: async (input) => {
      const answer = host.reason(input);
      if (!answer.stub) return answer.value;
      const stub = definition.stub;
      if (typeof stub !== 'function') throw new NativeError('the reasoner asks for `stub(input)`, which this operator has not');
      return apply(stub, definition, [input]);
    },
    log: logger(),
  });
  const http = () => {
    const send = async (method, path, body, options) => {
      const request = create(null);
      if (isObject(options)) eachKey(options, (key) => { show(request, key, options[key]); });
      show(request, 'method', method);
      show(request, 'path', path);
      if (body !== undefined) show(request, 'body', body);
      return host.http(request);
    };
    return freeze({
      get: (path, options) => send('GET', path, undefined, options),
      delete: (path, options) => send('DELETE', path, undefined, options),
      post: (path, body, options) => send('POST', path, body, options),
      put: (path, body, options) => send('PUT', path, body, options),
      patch: (path, body, options) => send('PATCH', path, body, options),
      request: (options) => send(
        isObject(options) && options.method !== undefined ? options.method : 'GET',
        isObject(options) ? options.path : undefined, undefined, options),
    });
  };
  const begin = (work) => {
    (async () => {
      try { host.done(await work()); } catch (error) { host.failed(explain(error)); }
    })();
  };
  const propose = (definition, envelope) => begin(() => apply(definition.run, definition, [operatorContext(definition, envelope)]));
  const call = (definition, name, input) => begin(() => {
    const found = toolNamed(definition, name);
    const ctx = { http: http(), log: logger() };
    return typeof found.run === 'function'
      ? apply(found.run, found, [{ input, ctx }])
      : apply(found.handler, found, [ctx, input]);
  });
  const checkInput = (definition, name, input) => {
    (async () => {
      try {
        const schema = toolNamed(definition, name).input;
        const standard = isObject(schema) ? schema['~standard'] : undefined;
        const result = isObject(standard)
          ? await apply(standard.validate, standard, [input])
          : await apply(schema, undefined, [input]);
        if (isObject(result) && isArray(result.issues) && result.issues.length > 0) host.invalid(issues(result.issues));
        else if (isObject(standard)) host.done(result.value);
        else host.done(isObject(result) && 'value' in result && 'issues' in result ? result.value : result);
      } catch (error) { host.invalid([explain(error)[0]]); }
    })();
  };
  const issues = (list) => {
    const said = [];
    for (let i = 0; i < list.length && i < 20; i += 1) {
      const issue = list[i];
      if (!isObject(issue)) { push(said, text(issue)); continue; }
      let place = '';
      if (isArray(issue.path)) {
        for (let j = 0; j < issue.path.length; j += 1) {
          const part = issue.path[j];
          place += '/' + text(isObject(part) ? part.key : part);
        }
      }
      push(said, place === '' ? text(issue.message) : '`' + place + '`: ' + text(issue.message));
    }
    return said;
  };

  // ---- saying what was thrown, when even that may throw ----------------------------------------------------------

  const text = (value) => {
    if (typeof value === 'string') return value;
    try { return isObject(value) ? '[object]' : toText(value); } catch { return '[unprintable]'; }
  };
  const field = (value, name) => {
    try {
      const found = value[name];
      return typeof found === 'string' ? found : '';
    } catch { return ''; }
  };
  const explain = (error) => {
    if (!isObject(error)) return ['it threw ' + (typeof error === 'string' ? '`' + error + '`' : text(error)) + ', not an `Error`', ''];
    const name = field(error, 'name');
    const message = field(error, 'message');
    if (name === '' && message === '') return ['it threw an object that is not an `Error`', field(error, 'stack')];
    return [name === '' || name === 'Error' ? (message === '' ? name : message) : name + ': ' + message, field(error, 'stack')];
  };

  return { __proto__: null, sdk, enter, nextTimer, describe, describeRules, judge, propose, call, checkInput, explain };
});
