//! The rules and requests every engine is given: 50 tools × 10 connectors, each rule an ALLOW with a ceiling.

/// An ALLOW for one tool of one connector, up to a ceiling.
#[derive(Debug)]
pub struct Rule {
    pub connector: String,
    pub tool: String,
    pub ceiling: u32,
}

/// One question.
#[derive(Debug)]
pub struct Request {
    pub connector: String,
    pub tool: String,
    pub value: u32,
}

const CONNECTORS: usize = 10;
const TOOLS: usize = 50;

fn connector(index: usize) -> String {
    format!("cn-connector-{}", index % CONNECTORS)
}

fn tool(index: usize) -> String {
    format!("noun{}.verb", index % TOOLS)
}

/// So many rules; past the 500 pairs each gets a second ceiling.
pub fn rules(count: usize) -> Vec<Rule> {
    (0..count)
        .map(|index| Rule {
            connector: connector(index),
            tool: tool(index / CONNECTORS),
            ceiling: 50 + u32::try_from(index * 37 % 400).unwrap_or(0),
        })
        .collect()
}

/// 64 requests: most for a pair that has a rule, with values on both sides of its ceiling and on it.
pub fn requests(rules: &[Rule]) -> Vec<Request> {
    (0..64_usize)
        .map(|index| {
            let rule = &rules[index * 7_919 % rules.len()];
            match index % 4 {
                0 => Request { connector: connector(index), tool: tool(index * 31), value: 10 },
                1 => Request { connector: rule.connector.clone(), tool: rule.tool.clone(), value: rule.ceiling },
                2 => Request { connector: rule.connector.clone(), tool: rule.tool.clone(), value: rule.ceiling + 1 },
                _ => Request { connector: rule.connector.clone(), tool: rule.tool.clone(), value: 5 },
            }
        })
        .collect()
}

/// The definition: a rule matches, and no matching rule's ceiling is passed.
pub fn literal(rules: &[Rule], request: &Request) -> bool {
    let mut matching = rules.iter().filter(|rule| rule.connector == request.connector && rule.tool == request.tool);
    let any = matching.clone().next().is_some();
    any && matching.all(|rule| request.value <= rule.ceiling)
}
