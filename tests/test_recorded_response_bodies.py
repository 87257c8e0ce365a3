"""Responses that were recorded whole: these answers."""

from __future__ import annotations

import pytest
from recorded_responses import WHOLE, Told, message_of, summary, whole

TOLD: dict[str, Told] = {
    "agentserver-2.3.0-nonstream.0": Told(
        blocks=["hello hi"],
        run_id="caresp_186db4f1f66a5e1b00bXEHznQ9Li4hVGOoTXq0zWodtMNzUC8y",
        thread_id=None,
        message_ids=["msg_186db4f1f66a5e1b00jxVxJV8Ia18q2PYfAMU3PRPp4dad1W8e"],
        tokens=(3, 2),
    ),
    "sample_agent_code_interpreter_with_files.3": Told(
        blocks=[
            'code_interpreter({"code": "import pandas as pd, os, matplotlib.pyplot as plt,…)',
            "  ci_9c4de43d94fbfcb100699fc4710a248190913450e60c812601",
            "  success: None",
            'code_interpreter({"code": "# clean numeric columns with commas and percent\\nn…)',
            "  ci_9c4de43d94fbfcb100699fc48d770881908a8fd353f2981dc2",
            "  success: None",
            'code_interpreter({"code": "import matplotlib.ticker as mtick\\ntransport_sorte…)',
            "  ci_9c4de43d94fbfcb100699fc4942e6c819095bbd3285853ce4c",
            "  success: None",
            "I created a bar chart for **Operating Profit** for companies…",
        ],
        run_id="resp_9c4de43d94fbfcb100699fc46a8cc48190b0ae61115cf77a81",
        thread_id="conv_9c4de43d94fbfcb100zbh78OgI3AFtDRcNaLSBdQQNPHDABUeV",
        message_ids=["msg_9c4de43d94fbfcb100699fc4b810d0819092654e63bf83d771"],
        tokens=(2492, 438),
    ),
    "sample_agent_endpoint.4": Told(
        blocks=["Echo: What is the size of France in square miles?"],
        run_id="caresp_ddb17521395e998200jLLuSO75vnztgQm6fHVfMeJRtItpmZ6n",
        thread_id=None,
        message_ids=["msg_ddb17521395e998200L1dAtmKuANDfhmmQCyQ4WYPkpOdMES9k"],
        tokens=None,
    ),
    "sample_agent_mcp.2": Told(
        blocks=[
            'mcp_list_tools({"server_label": "api-specs"})',
            "  mcpl_4086d3d3a4b9742500699fc702ffcc8190976f38ca5ae43a37",
            "  success: [{'name': 'fetch_azure_rest_api_docs', 'description': 'Fetch…",
            'mcp_approval_request({"server_label": "api-specs", "name": "fetch_azure_rest_api_…)',
            "  mcpr_4086d3d3a4b9742500699fc707d1a881908bdb277c63210bf2",
        ],
        run_id="resp_4086d3d3a4b9742500699fc7015bcc8190b9b34a67e2b02eb6",
        thread_id="conv_4086d3d3a4b9742500KQQMkYbhDPWYcAxWLC0TbyHnHX50iBKW",
        message_ids=[],
        tokens=(395, 21),
    ),
    "sample_agent_mcp.3": Told(
        blocks=[
            "mcp({})",
            "  mcp_4086d3d3a4b9742500699fc70dc0908190923f8651085b3835",
            "  success: # Azure/azure-rest-api-specs/documentation Documentation\nBel…",
            "The **Azure REST API specifications README/documentation** (…",
        ],
        run_id="resp_4086d3d3a4b9742500699fc70abf3481908653de219dd63770",
        thread_id=None,
        message_ids=["msg_4086d3d3a4b9742500699fc711e0a88190b0b713d3efdb7270"],
        tokens=(18483, 665),
    ),
    "sample_agent_user_identity_isolation.1": Told(
        blocks=["1 + 1 = 2"],
        run_id="resp_088caef9691829f6006a455ca5d8248196855e86c47f0c4711",
        thread_id=None,
        message_ids=["msg_088caef9691829f6006a455ca69520819685a3bdf46553425e"],
        tokens=(45, 8),
    ),
    "sample_agent_user_identity_isolation.2": Told(
        blocks=["2 + 2 = 4"],
        run_id="resp_069dadf38c213c5e006a455ca79d6c8197999abb3441edb60f",
        thread_id=None,
        message_ids=["msg_069dadf38c213c5e006a455ca86bb4819786efbec36d5ec95c"],
        tokens=(45, 8),
    ),
    "sample_agent_user_identity_isolation.3": Told(
        blocks=["2 + 10 = 12"],
        run_id="resp_088caef9691829f6006a455ca935148196978eafceb92a4362",
        thread_id=None,
        message_ids=["msg_088caef9691829f6006a455caa187c81968e657a90f6c08204"],
        tokens=(64, 8),
    ),
    "sample_agent_user_identity_isolation.4": Told(
        blocks=["4 + 10 = 14"],
        run_id="resp_069dadf38c213c5e006a455caad724819785de41d5c7de11ba",
        thread_id=None,
        message_ids=["msg_069dadf38c213c5e006a455cac538c819787596d326ac8904f"],
        tokens=(64, 8),
    ),
    "test_agent_function_tool.1": Told(
        blocks=['get_weather({"location": "Seattle"})', "  call_dRy9LxpKojP7z5IKIO59bfOn"],
        run_id="resp_0c5a11fbc24099c80069a7dfa17148819689984439705ed542",
        thread_id=None,
        message_ids=[],
        tokens=(88, 18),
    ),
    "test_agent_function_tool.2": Told(
        blocks=["Seattle weather: **72°F**, **Sunny**, **45% humidity**."],
        run_id="resp_0c5a11fbc24099c80069a7dfa9b2fc8196932f46ea0cdc5c20",
        thread_id=None,
        message_ids=["msg_0c5a11fbc24099c80069a7dfaefde48196b225d3a63287fb9c"],
        tokens=(147, 20),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.1": Told(
        blocks=['get_weather({"city": "New York"})', "  call_hVLmsgrhDPZq6WMkpH5HsvG9"],
        run_id="resp_0944cad669f5e2b00069a7e49a97388194b86d1d4bf83d2f1b",
        thread_id=None,
        message_ids=[],
        tokens=(107, 19),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.2": Told(
        blocks=["In New York, it’s **68°F** and **cloudy**, with **65% humidi…"],
        run_id="resp_0944cad669f5e2b00069a7e4a18f4c8194b28c6495ee6eb4c5",
        thread_id=None,
        message_ids=["msg_0944cad669f5e2b00069a7e4a5372c819486838c628ef9b6a0"],
        tokens=(156, 26),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.3": Told(
        blocks=[
            'get_temperature_forecast({"city": "New York"})',
            "  call_5WBfoYoRTFNOFJwX4vw5Sxwb",
        ],
        run_id="resp_0944cad669f5e2b00069a7e4a86e008194bab9a22b67989c57",
        thread_id=None,
        message_ids=[],
        tokens=(198, 21),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.4": Told(
        blocks=["Here’s the **3-day temperature forecast for New York**:\n\n- *…"],
        run_id="resp_0944cad669f5e2b00069a7e4b0b57c8194bde0142c97d29233",
        thread_id=None,
        message_ids=["msg_0944cad669f5e2b00069a7e4b52abc8194b40d2ea452fe9d83"],
        tokens=(283, 44),
    ),
    "test_agent_function_tool_multi_turn_with_multiple_calls.5": Told(
        blocks=[
            'get_weather({"city": "Seattle"})',
            "  call_YZZGfu9TRBejv0SSwZyaCCDs",
            'get_weather({"city": "New York"})',
            "  call_0pUsiORNZqUeOGk8HzXdK3Ad",
            'get_temperature_forecast({"city": "Seattle"})',
            "  call_mN5IWqHcYRLMRPCq1QERW8mG",
            'get_temperature_forecast({"city": "New York"})',
            "  call_2LGF2SIEmXnCMwDVrty0bEgb",
        ],
        run_id="resp_0944cad669f5e2b00069a7e4b9ac7081948524bebf8b084b4a",
        thread_id=None,
        message_ids=[],
        tokens=(342, 82),
    ),
    "test_agent_responses_crud.2": Told(
        blocks=["There are **5,280 feet** in **1 mile**."],
        run_id="resp_ef7525fba2009b650069a7dc5326a48190a07f1e88c84a310d",
        thread_id="conv_ef7525fba2009b6500tIDmOqJKnTOKrmmAcz5SGLROIVsVDBCt",
        message_ids=["msg_ef7525fba2009b650069a7dc56d4e0819091c4bf9a53571a12"],
        tokens=(26, 18),
    ),
    "test_agent_responses_crud.4": Told(
        blocks=["A mile is **1,609.344 meters** (exact)."],
        run_id="resp_ef7525fba2009b650069a7dc5986c48190a0d695580e9ccbe7",
        thread_id="conv_ef7525fba2009b6500tIDmOqJKnTOKrmmAcz5SGLROIVsVDBCt",
        message_ids=["msg_ef7525fba2009b650069a7dc5d54008190b9f0d97fc44e329a"],
        tokens=(55, 18),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_recorded_response_is_this_answer(name: str) -> None:
    assert summary(message_of([whole(WHOLE[name])])) == TOLD[name]
