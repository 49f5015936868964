// The kernel's half of a realm. Evaluated before any author code, and keeps what it needs of the language in
// constants: whatever author code replaces afterwards, nothing here goes through it.
export default (function (host) {
  const { apply, construct, ownKeys, defineProperty, getOwnPropertyDescriptor, deleteProperty, setPrototypeOf } = Reflect;
  const { freeze, create } = Object;
  const { record, emptyList, own, push, misfit, cross, crossObject, crossing, MAX_LIST, MAX_VALUES } = crossingOf(host);
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

  // ---- what a scene sets: clock, randomness, timers -------------------------------------------------------------

  let now = 0;
  let a = 1, b = 2, c = 3, d = 4;
  // Most calls never throw the dice, so they are shaken at the first throw.
  let shaken = true;
  const random32 = () => {
    if (!shaken) {
      shaken = true;
      for (let i = 0; i < 12; i += 1) random32();
    }
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
    shaken = false;
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

  // ---- locales: there are none, so what asks for one is refused and not answered as if it had been heard --------

  const refuseLocale = (name) => {
    throw new NativeTypeError(name + ' takes no locale and no options here: author code has no locales');
  };
  const withoutLocale = (prototype, name, from) => {
    const native = prototype[name];
    hide(prototype, name, { [name](...given) {
      for (let i = from; i < given.length; i += 1) if (given[i] !== undefined) refuseLocale(name);
      return apply(native, this, given);
    } }[name]);
  };
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) withoutLocale(dates, name, 0);
  for (const of of [Number, BigInt, Array, Object.getPrototypeOf(Uint8Array)]) {
    withoutLocale(of.prototype, 'toLocaleString', 0);
  }
  withoutLocale(String.prototype, 'localeCompare', 1);
  // In all but these languages the cases are the same.
  const casedApart = /^(?:tr|az|lt)(?![a-z])/i;
  for (const name of ['toLocaleUpperCase', 'toLocaleLowerCase']) {
    const native = String.prototype[name];
    hide(String.prototype, name, { [name](locale) {
      const plain = locale === undefined || (typeof locale === 'string' && apply(exec, casedApart, [locale]) === null);
      return plain ? apply(native, this, []) : refuseLocale(name);
    } }[name]);
  }

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

  const { get: weakGet, set: weakSet } = WeakMap.prototype;
  // What `defineConnector` and `defineOperator` gave out, with what they were given.
  const defined = new WeakMap();
  const givenFor = (definition) => (isObject(definition) ? apply(weakGet, defined, [definition]) : undefined);
  // Copies own members as they are: a getter stays one, for the description to find.
  const copyMembers = (from, to) => {
    eachKey(from, (key) => {
      const found = getOwnPropertyDescriptor(from, key);
      if (found === undefined) return;
      setPrototypeOf(found, null);
      defineProperty(to, key, found);
    });
  };
  const branded = (kind, value, what) => {
    if (typeof value !== 'object' || value === null) throw new NativeTypeError(what + ' expects an object');
    const copy = create(null);
    if (!host.isProxy(value)) copyMembers(value, copy);
    apply(weakSet, defined, [copy, record('kind', kind, 'source', value)]);
    return freeze(copy);
  };
  const credential = (kind) => (fields) => {
    const spec = {};
    if (isObject(fields)) {
      const fault = misfit(fields);
      if (fault !== '') throw new NativeTypeError('auth.' + kind + ' expects a plain object, found ' + fault);
      copyMembers(fields, spec);
    }
    show(spec, 'kind', kind);
    return freeze(spec);
  };
  const none = credential('none');
  const auth = freeze({
    apiKey: credential('apiKey'), bearer: credential('bearer'), basic: credential('basic'),
    oauth2: credential('oauth2'), none,
  });

  // The kernel's own `evaluate`: what is given crosses as a policy file's rules do, and predicates are called back.
  let judging = false;
  const evaluate = (policies, action, envelope) => {
    if (judging) throw new NativeError('evaluate: a predicate answers by itself, and does not evaluate');
    const described = describeRules(policies);
    if (described.export !== 'rules') throw new NativeTypeError('evaluate: the policies are not a list');
    const predicates = predicatesOf(policies);
    const state = crossing(MAX_VALUES * 10, MAX_VALUES * 10);
    // As in a plan: where a value is missing, no ceiling is satisfied.
    state.skipsUndefined = true;
    const ask = (index, given, event) => {
      const { rule, predicate } = predicates[index];
      try { return apply(predicate, rule, [given, event]) === true; } catch { return false; }
    };
    const event = envelope === undefined ? null : cross(envelope, state);
    judging = true;
    try { return host.evaluate(described.rules, cross(action, state), event, ask); } finally { judging = false; }
  };

  const sdk = freeze({
    defineConnector: (def) => branded('connector', def, 'defineConnector'),
    defineOperator: (def) => branded('operator', def, 'defineOperator'),
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

  const crossSchema = (schema, state) => {
    // Libraries hang what is not part of the schema where JSON does not look.
    state.skipsHidden = true;
    const crossed = cross(schema, state);
    state.skipsHidden = false;
    return crossed;
  };
  const describeInput = (input, state) => {
    const standard = isObject(input) ? input['~standard'] : undefined;
    if (isObject(standard) && typeof standard.validate === 'function') {
      let schema = null;
      try {
        const source = standard.jsonSchema;
        if (isObject(source) && typeof source.input === 'function') schema = source.input({ target: 'draft-2020-12' });
      } catch { schema = null; }
      return record('form', 'standard', 'schema', crossSchema(schema, state));
    }
    if (typeof input === 'function') return record('form', 'function');
    return record('form', 'literal', 'schema', crossSchema(input, state));
  };
  const describeMember = (value, state, key) => (key === 'input' ? describeInput(value, state) : cross(value, state));
  const isRecord = (value) => typeof value === 'object' && value !== null;
  const describeTool = (tool, state) =>
    (isRecord(tool) && !isArray(tool) ? crossObject(tool, state, describeMember) : cross(tool, state));
  const describeTools = (tools, state) => (isRecord(tools) ? crossObject(tools, state, describeTool) : cross(tools, state));
  const describe = (definition) => {
    const given = givenFor(definition);
    if (given === undefined) return record('export', 'none', 'fields', record());
    handlesOf(definition);
    const isConnector = given.kind === 'connector';
    const take = (value, state, key) => (isConnector && key === 'tools' ? describeTools(value, state) : cross(value, state));
    return record('export', given.kind, 'fields', crossObject(given.source, crossing(MAX_VALUES, MAX_LIST), take));
  };

  // ---- policies -------------------------------------------------------------------------------------------------

  const describeRules = (exported) => {
    if (!isRecord(exported) || !isArray(exported)) return record('export', 'none', 'rules', emptyList());
    const crossed = cross(exported, crossing(MAX_VALUES, MAX_LIST));
    if (isArray(crossed)) return record('export', 'rules', 'rules', crossed);
    // The list itself is at fault, which its only entry says.
    const told = emptyList();
    push(told, record('~rules', crossed));
    return record('export', 'rules', 'rules', told);
  };
  const predicatesOf = (exported) => {
    const found = emptyList();
    for (let i = 0; i < exported.length && i < MAX_LIST; i += 1) {
      const rule = own(exported, i);
      push(found, record('rule', rule, 'predicate', isRecord(rule) && !host.isProxy(rule) ? own(rule, 'predicate') : undefined));
    }
    return found;
  };
  // INVARIANT: taken before any of the author's functions is called, so that none of them changes what another is.
  let asked = null;
  // What is not exactly a boolean is never one: nothing is waited for, nothing is made true.
  const judge = (exported, index, action, envelope) => {
    try {
      if (asked === null) asked = isArray(exported) && !host.isProxy(exported) ? predicatesOf(exported) : emptyList();
      const { rule, predicate } = asked[index];
      const answer = apply(predicate, rule, [action, envelope]);
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

  // What of the definition is called. INVARIANT: taken before any of the author's functions is called.
  let handles = null;
  const handlesOf = (definition) => {
    if (handles !== null) return handles;
    const given = givenFor(definition);
    if (given === undefined) throw new NativeError('there is nothing to run');
    const { kind, source } = given;
    if (host.isProxy(source)) throw new NativeTypeError('a definition is a plain object, found a Proxy');
    handles = kind === 'operator'
      ? record('run', own(source, 'run'), 'stub', own(source, 'stub'))
      : record('tools', toolHandles(own(source, 'tools')));
    return handles;
  };
  const toolHandles = (tools) => {
    const found = emptyList();
    if (!isRecord(tools) || host.isProxy(tools)) return found;
    const add = (tool, key) => {
      if (!isRecord(tool) || host.isProxy(tool)) return;
      const name = own(tool, 'name');
      push(found, record('name', name === undefined ? key : name, 'tool', tool, 'run', own(tool, 'run'),
        'handler', own(tool, 'handler'), 'input', own(tool, 'input')));
    };
    if (isArray(tools)) for (let i = 0; i < tools.length && i < MAX_LIST; i += 1) add(own(tools, i), undefined);
    else eachKey(tools, (key) => { add(own(tools, key), key); });
    return found;
  };
  const toolNamed = (definition, name) => {
    const { tools } = handlesOf(definition);
    for (let i = 0; tools !== undefined && i < tools.length; i += 1) if (tools[i].name === name) return tools[i];
    throw new NativeError('there is no tool `' + name + '`');
  };
  const operatorContext = (definition, envelope) => ({
    envelope,
    sense: async (capability, args) => host.sense(toText(capability), args),
    reason: async (input) => {
      const answer = host.reason(input);
      if (!answer.stub) return answer.value;
      const { stub } = handlesOf(definition);
      if (typeof stub !== 'function') throw new NativeError('the reasoner asks for `stub(input)`, which this operator has not');
      if (answer.asked === undefined) return apply(stub, definition, [input]);
      const said = await apply(stub, definition, [input]);
      host.stubAnswered(answer.asked, said);
      return said;
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
  const propose = (definition, envelope) => begin(() => {
    const { run } = handlesOf(definition);
    return apply(run, definition, [operatorContext(definition, envelope)]);
  });
  const call = (definition, name, input) => begin(() => {
    const found = toolNamed(definition, name);
    const ctx = { http: http(), log: logger() };
    return typeof found.run === 'function'
      ? apply(found.run, found.tool, [{ input, ctx }])
      : apply(found.handler, found.tool, [ctx, input]);
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
