//! The reasoner seam behind `ctx.reason`.
