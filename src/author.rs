//! Running what authors wrote: definitions, the host protocol, and the hosts that speak it.
