"""The JMAP methods: get, set, query and changes once for all types, one module a type for its own.

No method checks permission by itself: the declarations and `rights` do.
"""
