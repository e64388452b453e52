"""Where records that came from AMY stand here, for the links of the report of counts."""

from __future__ import annotations

from folkmoot.people.public import amy_pages

amy_pages.update(
    {
        "workshops.event": "training:list",
        "workshops.membership": "training:agreements",
        "fiscal.partnership": "training:agreements",
        "workshops.trainingprogress": "training:trainees_first",
        "workshops.award": "training:trainees_first",
        "workshops.trainingrequest": "training:requests",
        "workshops.workshoprequest": "training:requests",
        "extrequests.selforganisedsubmission": "training:requests",
        "extrequests.workshopinquiryrequest": "training:requests",
        "recruitment.instructorrecruitment": "training:openings",
    }
)
