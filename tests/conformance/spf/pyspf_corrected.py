"""python3-spf's evaluator with its known departures from RFC 7208 corrected, each by a switch of its own.

A disagreement with our engine is explained if, and only if, one of these corrections makes it go away."""
import re
import warnings

warnings.simplefilter("ignore")
import spf  # noqa: E402

CORRECTIONS = {
    "void": "RFC 7208 4.6.4 counts void lookups by term: not for hosts of mx, names of ptr, the p macro, or twice for a CNAME",
    "ptr": "RFC 7208 5.5: a DNS error with ptr (or p) is no match, not temperror",
    "mx": "RFC 7208 5.4: the order of MX records means nothing: an address that matches decides, although another host's lookup failed",
    "letters": "RFC 7208 6, 12: c, r and t are valid macro letters in an unknown modifier, which is ignored",
    "twice": "RFC 7208 6: only exp and redirect must not appear twice",
    "case": "RFC 5234 2.3: names of modifiers have no case",
    "itself": "RFC 7208 5.2: an include of the domain itself is no syntax error; it counts when it is reached",
    "reverse": "RFC 5234 2.3: the transformer r has no case",
    "exists": "RFC 7208 5.7: exists needs a domain-spec, whatever its qualifier and case",
    "redirect": "RFC 7208 4.6.4: a redirect counts when it is followed, not when it is read",
    "digits": "RFC 7208 7.1: a transformer of 0 is a syntax error",
    "macro": "RFC 7208 7.1: what stands in %{...} must be a macro letter, digits, r and delimiters",
}

RE_UNKNOWN = re.compile(r"^([a-z][a-z0-9_.-]*)=(.*)$", re.IGNORECASE)
RE_MACRO = re.compile(r"%\{([^}]*)\}")
RE_INSIDE = re.compile(r"^[slodiphvcrt](?:[1-9][0-9]*|0+[1-9][0-9]*)?r?[.\-+,/_=]*$", re.IGNORECASE)


class Query(spf.query):
    def __init__(self, enabled, *args, **kwargs):
        self.enabled = enabled
        self.plain_lookups = False
        self.mx_failure = None
        self.levels = []
        spf.query.__init__(self, *args, **kwargs)

    def dns(self, name, qtype, cnames=None, ignore_void=False):
        if "void" in self.enabled and cnames is not None:
            ignore_void = True
        return spf.query.dns(self, name, qtype, cnames, ignore_void)

    def dns_a(self, domainname, A="A"):
        if "void" in self.enabled and self.plain_lookups:
            return self.dns(domainname, A, ignore_void=True) if domainname else []
        return spf.query.dns_a(self, domainname, A)

    def hosts(self, names):
        """The addresses of all names, and whether a lookup failed."""
        found, failure = [], None
        self.plain_lookups = True
        for name in names:
            try:
                found.append((name, self.dns_a(name, self.A)))
            except spf.TempError as problem:
                failure = problem
        self.plain_lookups = False
        return found, failure

    def dns_mx(self, domainname):
        names = [name for _, name in sorted(self.dns(domainname, "MX"))]
        if len(names) > spf.MAX_MX:
            raise spf.PermError("More than %d MX records returned" % spf.MAX_MX)
        found, failure = self.hosts(names)
        self.mx_failure = failure
        if failure and "mx" not in self.enabled:
            raise failure
        return [address for _, addresses in found for address in addresses]

    def cidrmatch(self, ipaddrs, n):
        failure, self.mx_failure = self.mx_failure, None
        if spf.query.cidrmatch(self, ipaddrs, n):
            return True
        if failure:
            raise failure
        return False

    def validated_ptrs(self):
        try:
            found, failure = self.hosts(self.dns_ptr(self.i)[:spf.MAX_PTR])
        except spf.TempError:
            if "ptr" not in self.enabled:
                raise
            return []
        if failure and "ptr" not in self.enabled:
            raise failure
        return [name for name, addresses in found if self.cidrmatch(addresses, self.cidrmax)]

    def getp(self):
        voids = self.void_lookups
        try:
            return spf.query.getp(self)
        except spf.PermError:
            if "void" not in self.enabled:
                raise
            self.p = "unknown"
            return self.p
        finally:
            if "void" in self.enabled:
                self.void_lookups = voids

    def correct_term(self, term, seen):
        if "reverse" in self.enabled:
            term = re.sub(r"(%\{[a-zA-Z][0-9]*)R", r"\1r", term)
        modifier = RE_UNKNOWN.match(term)
        if "exists" in self.enabled and re.match(r"^[-+~?]?exists$", term, re.IGNORECASE):
            return "exists:"
        if not modifier:
            return term
        name, value = modifier.groups()
        if "case" in self.enabled and name.lower() in ("exp", "redirect"):
            name = name.lower()
        if name.lower() not in ("exp", "redirect"):
            if "letters" in self.enabled:
                value = re.sub(r"%\{[crt]", "%{i", value, flags=re.IGNORECASE)
            if "twice" in self.enabled and name in seen:
                name = "again%d" % len(seen)
            seen.append(name)
        return name + "=" + value

    def check_syntax(self, terms):
        for term in terms:
            for inside in RE_MACRO.findall(term):
                if "macro" in self.enabled and not RE_INSIDE.match(inside):
                    raise spf.PermError("invalid macro", term)
                if "digits" in self.enabled and re.match(r"^[a-z]0+[^0-9]*$", inside, re.IGNORECASE):
                    raise spf.PermError("transformer of 0", term)

    def check0(self, record, recursion):
        seen = []
        terms = [self.correct_term(term, seen) for term in record.split(" ")] if record else []
        if terms:
            self.check_syntax(terms[1:])
        if "redirect" in self.enabled and any(term.startswith("redirect=") for term in terms):
            self.lookups -= 1  # taken back: counted in check1
        return spf.query.check0(self, " ".join(terms), recursion)

    def check1(self, record, domain, recursion):
        followed = self.levels and self.levels[-1] == recursion
        if followed and "redirect" in self.enabled:
            self.check_lookups()
        self.levels.append(recursion)
        try:
            return spf.query.check1(self, record, domain, recursion)
        finally:
            self.levels.pop()

    def validate_mechanism(self, term):
        try:
            return spf.query.validate_mechanism(self, term)
        except spf.PermError as problem:
            if "itself" not in self.enabled or "trivial recursion" not in problem.msg:
                raise
        qualifier = term[0] if term[0] in spf.RESULTS else "+"
        return term, "include", self.d, self.cidrmax, spf.RESULTS[qualifier]
