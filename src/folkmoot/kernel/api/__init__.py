"""What every part of the API shares: who calls, errors, fields, pages, changes, conditional requests, limits, writing.

See ``docs/api.md`` and ``docs/decisions/api.md``. An app's ``api.py`` declares its operations with
:mod:`folkmoot.kernel.api.operations` and joins the house with ``plugs.api_routers``.
"""
