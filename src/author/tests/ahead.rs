//! Envelopes given ahead: what comes of each is what came of it alone.

use std::time::Instant;

use super::*;

const BODY: &str = "
    const { n } = ctx.envelope.payload;
    ctx.log.info('before', n);
    const order = await ctx.sense('orders.read', { n });
    if (n === 3) throw new Error('three');
    if (n === 5) Promise.reject(new Error('five'));
    if (n === 6) { const all: any[] = []; for (;;) all.push(new Uint8Array(1 << 20)); }
    if (n === 7) for (;;) ;
    if (n === 8) await new Promise(() => {});
    ctx.log.info('after', n, Math.random());
    return { n, status: order.status, long: n === 2 ? 'x'.repeat(200000) : '' };";

fn scene(envelope: &EventEnvelope) -> Scene<'_> {
    Scene { envelope: Some(envelope), clock: "2026-03-04T05:06:07.890Z", seed: &envelope.event_id, own_stub: false }
}

fn numbered(n: usize) -> EventEnvelope {
    EventEnvelope { event_id: format!("e{n}"), ..envelope_with(&format!(r#"{{"n":{n}}}"#)) }
}

type Told = (Result<Raw, String>, Vec<String>, Vec<String>);

fn told(host: &mut dyn Host, envelope: &EventEnvelope) -> Told {
    let mut world = World::default();
    let plan = host.propose(&scene(envelope), &mut world).map_err(|fault| fault.message);
    (plan, world.sensed, world.logged)
}

fn expect_all(host: &mut dyn Host, envelopes: &[EventEnvelope]) {
    for envelope in envelopes {
        host.expect(&scene(envelope));
    }
}

#[test]
fn each_is_what_it_was_alone() {
    let envelopes: Vec<_> = (0..80).map(numbered).collect();
    for body in [BODY.to_owned(), format!("(globalThis as any).kept = 1;{BODY}")] {
        let (_files, mut host) = host_of(&body);
        let alone: Vec<_> = envelopes.iter().map(|envelope| told(&mut *host, envelope)).collect();
        assert!(alone[3].0.as_ref().is_err_and(|said| said.ends_with("three")), "{:?}", alone[3]);
        assert_eq!(alone[9].1, [r#"orders.read {"n":9}"#]);
        let (_files, mut host) = host_of(&body);
        for (at, envelope) in envelopes.iter().enumerate() {
            if at % 40 == 0 {
                expect_all(&mut *host, &envelopes[at..at + 40]);
            }
            assert_eq!(told(&mut *host, envelope), alone[at], "{at}");
        }
    }
}

#[test]
fn one_that_is_stuck_loses_none_behind_it() {
    let body = "const { n } = ctx.envelope.payload; if (n === 1) Array.prototype.reverse.call({ length: 2 ** 27 }); \
                return { n };";
    let (_files, mut host) = host_of(body);
    let envelopes: Vec<_> = (0..5).map(numbered).collect();
    expect_all(&mut *host, &envelopes);
    let said: Vec<_> =
        envelopes.iter().map(|envelope| told(&mut *host, envelope).0.map(|raw| raw.as_str().to_owned())).collect();
    assert!(said[1].as_ref().is_err_and(|said| said.contains("longer than")), "{said:?}");
    for n in [0, 2, 3, 4] {
        assert_eq!(said[n], Ok(format!("{{\"n\":{n}}}")));
    }
}

#[test]
fn what_is_passed_over_is_heard_by_nobody() {
    let (_files, mut host) = host_of("ctx.log.info(ctx.envelope.payload.n); return ctx.envelope.payload;");
    let envelopes: Vec<_> = (0..6).map(numbered).collect();
    let expected = |n| (Ok(Raw::parse(&format!("{{\"n\":{n}}}")).unwrap()), Vec::new(), vec![format!("info {n}")]);
    expect_all(&mut *host, &envelopes[..4]);
    for n in [2, 3, 5, 4] {
        assert_eq!(told(&mut *host, &envelopes[n]), expected(n));
    }
    expect_all(&mut *host, &envelopes[..2]);
    for n in [5, 0, 1] {
        assert_eq!(told(&mut *host, &envelopes[n]), expected(n));
    }
}

#[test]
fn what_waits_to_be_asked_is_not_the_authors_time() {
    let (_files, mut host) = host_of("return ctx.sense('orders.read', {});");
    let envelope = numbered(1);
    host.expect(&scene(&envelope));
    // Longer than the limit of a call.
    std::thread::sleep(quick().call * 2);
    let start = Instant::now();
    assert!(told(&mut *host, &envelope).0.is_ok());
    assert!(start.elapsed() < quick().call);
    assert!(host.spent() < quick().call, "{:?}", host.spent());
}
